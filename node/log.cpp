#include "node/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace tallystick::node {
namespace {

/// spdlog writes the frame (time and level), the message is the rest of the JSON object. The logger
/// is made once, on first use, and lives as long as the process.
spdlog::logger& logger() {
    static const auto made = [] {
        auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        auto log = std::make_shared<spdlog::logger>("tallyd", std::move(sink));
        log->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                         spdlog::pattern_time_type::utc);
        log->flush_on(spdlog::level::debug);
        return log;
    }();
    return *made;
}

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string json_text(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void set_log_level(std::string_view name) {
    if (name == "debug") logger().set_level(spdlog::level::debug);
    if (name == "info") logger().set_level(spdlog::level::info);
    if (name == "warning") logger().set_level(spdlog::level::warn);
    if (name == "error") logger().set_level(spdlog::level::err);
    if (name == "off") logger().set_level(spdlog::level::off);
}

void log_event(LogLevel level, std::string_view event,
               std::initializer_list<std::pair<std::string_view, std::string>> facts) {
    log_event(level, event, std::span{facts.begin(), facts.size()});
}

void log_event(LogLevel level, std::string_view event,
               std::span<const std::pair<std::string_view, std::string>> facts) {
    if (!logger().should_log(level_of(level))) return;
    std::string rest = "\"event\":" + json_text(event);
    for (const auto& [name, value] : facts) rest += "," + json_text(name) + ":" + json_text(value);
    logger().log(level_of(level), rest);
}

}  // namespace tallystick::node
