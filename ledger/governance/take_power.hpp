#pragma once

#include "ledger/governance/change.hpp"
#include "protocol/pb.hpp"

/// Takes the power from a node that signed twice; it keeps its key. Concerns its authority.
///
/// Refusals, in order: nothing_changes (it has none); no_misbehaviour (nothing stands against the
/// node); too_few_nodes_left (fewer than two of the others' nodes have power).
namespace tallystick::ledger {

/// Malformed: bad_handle (not one part).
[[nodiscard]] Form check(const pb::TakePower& change, const CheckContext& context);

/// @pre `check` passed, and what all changes that concern one authority refuse was tested.
[[nodiscard]] Verdict judge(const pb::TakePower& change, const StateView& view);

/// @pre `judge` did not refuse it on this state.
void make(const pb::TakePower& change, const ChangePoint& point, Draft& draft);

}  // namespace tallystick::ledger
