#pragma once

#include "ledger/governance/change.hpp"
#include "protocol/pb.hpp"

/// Another window, limit or rule set. What was stored before by the old one does not move.
///
/// Refusals, in order: nothing_changes; rule_set_goes_back.
namespace tallystick::ledger {

/// Malformed, in order: bad_enum (no listed parameter); bad_parameter (out of its bounds).
[[nodiscard]] Form check(const pb::SetParameter& change, const CheckContext& context);

/// @pre `check` passed.
[[nodiscard]] Verdict judge(const pb::SetParameter& change, const StateView& view);

/// @pre `judge` did not refuse it on this state.
void make(const pb::SetParameter& change, const ChangePoint& point, Draft& draft);

}  // namespace tallystick::ledger
