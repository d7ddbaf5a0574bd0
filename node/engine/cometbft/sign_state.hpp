#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "node/files.hpp"
#include "protocol/result.hpp"

/// The engine's memory of what it signed last: `priv_validator_state.json`, which the engine makes
/// durable before a signature leaves it. Whoever signs with a key but without its memory may sign
/// one height twice, which every node then records against the authority.
namespace tallystick::node {

/// Up to here nothing is signed any more.
struct EngineSignState {
    std::uint64_t height = 0;  ///< 0: never signed
    std::int32_t round = 0;
    std::int32_t step = 0;  ///< 1 proposal, 2 prevote, 3 precommit
};

/// Errors, a sentence: the file is not there, or is damaged.
[[nodiscard]] Result<EngineSignState, FileError> read_sign_state(const std::filesystem::path& file);

/// Writes a memory without a signature in it: nothing at or below it will be signed.
[[nodiscard]] Result<void, FileError> write_sign_state(const std::filesystem::path& file,
                                                       const EngineSignState& state);

/// A memory after which every height above `highest_height` may be signed and no other.
[[nodiscard]] EngineSignState sign_state_above(std::uint64_t highest_height);

/// The chain shows a signature of this node's key at `height`. Is it one that this folder's engine
/// gave? If not, a sentence: another node runs with this key, or this folder has lost its memory.
/// In both cases the node must not sign. `file` as above.
[[nodiscard]] std::optional<std::string> signed_elsewhere(const std::filesystem::path& file,
                                                          std::uint64_t height);

}  // namespace tallystick::node
