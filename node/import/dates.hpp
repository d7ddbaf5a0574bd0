#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tallystick::import {

/// Seconds since 1970-01-01 UTC of `2025-01-23`, `2025-01-23T22:10:19Z`,
/// `2025-04-23T23:59:59+01:00` (with or without a fraction) or `23/01/2025`. A date alone is its
/// first second, UTC. Nothing for anything else, a day that does not exist, or a year outside 1970
/// to 9999.
[[nodiscard]] std::optional<std::uint64_t> instant_from_text(std::string_view text);

}  // namespace tallystick::import
