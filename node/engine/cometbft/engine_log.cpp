#include "node/engine/cometbft/engine_log.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

namespace tallystick::node {
namespace {

constexpr std::size_t text_bytes_max = 1024;
constexpr std::array facts_taken{"module", "err",  "error",  "height", "round",
                                 "peer",   "addr", "reason", "step"};
constexpr std::array peer_modules{"p2p", "pex", "blockchain", "blocksync", "statesync"};
constexpr std::array private_words{"priv_key", "PrivKey", "privkey", "private"};

bool may_hold_a_key(std::string_view line) {
    for (const std::string_view word : private_words)
        if (line.find(word) != std::string_view::npos) return true;
    return false;
}

std::string shortened(std::string text) {
    if (text.size() > text_bytes_max) text.resize(text_bytes_max);
    return text;
}

std::string text_of_value(const nlohmann::json& value) {
    return shortened(value.is_string() ? value.get<std::string>() : value.dump());
}

LogLevel level_of(const nlohmann::json& line) {
    const auto level = line.contains("level") && line["level"].is_string()
                           ? line["level"].get<std::string>()
                           : std::string{"error"};
    if (level == "debug" || level == "info") return LogLevel::debug;
    if (line.contains("module") && line["module"].is_string())
        for (const std::string_view module : peer_modules)
            if (line["module"].get<std::string>() == module) return LogLevel::warning;
    return level == "warn" ? LogLevel::warning : LogLevel::error;
}

}  // namespace

EngineEvent engine_event(std::string_view line) {
    EngineEvent event;
    if (may_hold_a_key(line)) {
        event.level = LogLevel::warning;
        event.facts.emplace_back("message",
                                 "A line of the engine is not shown: it speaks of a key.");
        return event;
    }
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    if (!parsed.is_object()) {
        // Only a program that starts or dies says something else.
        event.level = LogLevel::warning;
        event.facts.emplace_back("message", shortened(std::string{line}));
        return event;
    }
    event.level = level_of(parsed);
    event.facts.emplace_back("message",
                             parsed.contains("_msg") ? text_of_value(parsed["_msg"]) : "");
    for (const auto* name : facts_taken)
        if (parsed.contains(name)) event.facts.emplace_back(name, text_of_value(parsed[name]));
    return event;
}

bool says_consensus_failed(std::string_view line) {
    return line.find(R"("_msg":"CONSENSUS FAILURE)") != std::string_view::npos;
}

bool says_state_sync_failed(std::string_view line) {
    constexpr std::string_view all_of_it[]{R"("_msg":"State sync failed")",
                                           R"("_msg":"Failed to bootstrap node with new state")",
                                           R"("_msg":"Failed to store last seen commit")",
                                           R"("_msg":"Failed to switch to block sync")"};
    return std::ranges::any_of(all_of_it, [&](std::string_view words) {
        return line.find(words) != std::string_view::npos;
    });
}

std::optional<std::uint64_t> RepeatedMessages::tell(const std::string& message,
                                                    Clock::time_point now) {
    constexpr std::size_t messages_max = 64;
    if (counts_.size() >= messages_max && !counts_.contains(message)) counts_.clear();
    auto& count = counts_[message];
    if (count.told == 0 || now - count.since >= window) {
        count.since = now;
        count.told = 0;
    }
    if (count.told == told_max) {
        ++count.left_out;
        return std::nullopt;
    }
    ++count.told;
    return std::exchange(count.left_out, 0);
}

void EngineLog::take(std::string_view line) {
    auto event = engine_event(line);
    if (event.level == LogLevel::warning) {
        const auto left_out =
            repeated_.tell(event.facts.front().second, RepeatedMessages::Clock::now());
        if (!left_out) return;
        if (*left_out > 0) event.facts.emplace_back("left_out", std::to_string(*left_out));
    }
    std::vector<std::pair<std::string_view, std::string>> facts;
    for (const auto& [name, text] : event.facts) facts.emplace_back(name, text);
    log_event(event.level, "engine",
              std::span<const std::pair<std::string_view, std::string>>{facts});
}

}  // namespace tallystick::node
