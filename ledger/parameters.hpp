#pragma once

#include <cstdint>

#include "protocol/pb.hpp"

/// The ledger's parameters by their numbers, and what each may be. Pure functions.
namespace tallystick::ledger {

/// Is it one of those listed? What follows asks for that.
[[nodiscard]] bool is_listed(pb::Parameter parameter) noexcept;

/// A window is 1 second to the end of time, so that a time and some windows never wrap; a limit,
/// and the rule set, 1 to 2^32 - 1. @pre listed.
[[nodiscard]] bool is_within_bounds(pb::Parameter parameter, std::uint64_t value) noexcept;

/// @pre listed.
[[nodiscard]] std::uint64_t value_of(const pb::Parameters& parameters,
                                     pb::Parameter parameter) noexcept;

/// @pre listed, and within its bounds.
void set_value(pb::Parameters& parameters, pb::Parameter parameter, std::uint64_t value) noexcept;

}  // namespace tallystick::ledger
