#include "node/engine/cometbft/sign_state.hpp"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

namespace tallystick::node {
namespace {

constexpr std::size_t file_bytes_max = 65536;
constexpr std::int32_t last_step = 3;

}  // namespace

Result<EngineSignState, FileError> read_sign_state(const std::filesystem::path& file) {
    const auto text = read_file(file, file_bytes_max);
    if (!text) return Failure{text.error()};
    const auto damaged = [&] {
        return Failure{
            FileError{file.string() + " is damaged: it does not say what this node signed last."}};
    };
    const auto parsed = nlohmann::json::parse(*text, nullptr, false);
    if (!parsed.is_object()) return damaged();
    EngineSignState state;
    // The engine writes 64-bit numbers as texts.
    const auto height = parsed.value("height", nlohmann::json{});
    const auto round = parsed.value("round", nlohmann::json{});
    const auto step = parsed.value("step", nlohmann::json{});
    if (!height.is_string() || !round.is_number_integer() || !step.is_number_integer())
        return damaged();
    const auto digits = height.get<std::string>();
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, state.height);
    if (read.ec != std::errc{} || read.ptr != end) return damaged();
    state.round = round.get<std::int32_t>();
    state.step = step.get<std::int32_t>();
    return state;
}

Result<void, FileError> write_sign_state(const std::filesystem::path& file,
                                         const EngineSignState& state) {
    const nlohmann::ordered_json content{
        {"height", std::to_string(state.height)}, {"round", state.round}, {"step", state.step}};
    return write_file_atomically(file, content.dump(2) + "\n", FileMode::owner_only);
}

EngineSignState sign_state_above(std::uint64_t highest_height) {
    if (highest_height == 0) return {};
    return {highest_height, std::numeric_limits<std::int32_t>::max(), last_step};
}

std::optional<std::string> signed_elsewhere(const std::filesystem::path& file,
                                            std::uint64_t height) {
    const auto state = read_sign_state(file);
    if (!state) return state.error().sentence;
    if (state->height >= height) return std::nullopt;
    return "Block " + std::to_string(height) +
           " bears a signature of this node's key, but this folder's engine signed nothing above " +
           "height " + std::to_string(state->height) +
           ". Another node runs with the same key, or this folder is older than the key's last "
           "signature. Nothing is signed here. Stop the other node for good; then run: tallyd "
           "rejoin --highest-height HEIGHT, with the newest block that any other node shows, plus "
           "one.";
}

}  // namespace tallystick::node
