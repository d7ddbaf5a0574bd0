#pragma once

#include "ledger/governance/change.hpp"
#include "protocol/pb.hpp"

/// The others replace an authority's policy: its keys are lost, or stolen. Concerns that authority.
///
/// Refusals, in order: key_not_proved; key_taken, as for `set_policy`.
///
/// Effect: the new policy; keys that are no longer in it belong to nobody.
namespace tallystick::ledger {

/// Malformed, in order: bad_handle (not one part); then as `set_policy`, for that authority.
[[nodiscard]] Form check(const pb::SetAuthorityPolicy& change, const CheckContext& context);

/// @pre `check` passed, and what all changes that concern one authority refuse was tested.
[[nodiscard]] Verdict judge(const pb::SetAuthorityPolicy& change, const StateView& view);

/// @pre `judge` did not refuse it on this state.
void make(const pb::SetAuthorityPolicy& change, const ChangePoint& point, Draft& draft);

}  // namespace tallystick::ledger
