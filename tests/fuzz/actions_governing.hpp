#pragma once

#include "fuzz/actions_world.hpp"

/// Governing in scripts: `who` and `whom` of a step are authorities, `where` the kind of change,
/// `object` a successor, a key, a parameter or a segment, `what` a value.
namespace tallystick::fuzz {

/// Four authorities there are, and two that are not there yet.
[[nodiscard]] const std::string& governing_authority(std::uint8_t number);

/// What a step proposes. Never a rule set that does not exist: the ledger would stop at it.
[[nodiscard]] pb::Change change_of_step(const Step& step);

}  // namespace tallystick::fuzz
