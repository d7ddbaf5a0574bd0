#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

/// How much room is left where a node keeps its data.
namespace tallystick::node {

/// Bytes that this user may still write to the disk of `folder`; nothing if it cannot be told.
[[nodiscard]] std::optional<std::uint64_t> disk_free_bytes(const std::filesystem::path& folder);

/// A sentence while fewer than `mib_min` MiB are left; nothing otherwise.
[[nodiscard]] std::optional<std::string> disk_nearly_full(const std::filesystem::path& folder,
                                                          std::uint64_t mib_min);

}  // namespace tallystick::node
