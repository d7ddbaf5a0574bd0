#pragma once

#include "ledger/governance/change.hpp"
#include "protocol/pb.hpp"

/// Ends this segment of the chain: the block after the one that makes this is its last.
///
/// Refusals, in order: not_the_next_segment; solo_needs_one_node (engine solo, and not exactly one
/// node has power).
///
/// Effect: the record that says who goes on, under which chain id, from which height.
namespace tallystick::ledger {

/// Malformed, in order: bad_enum (no listed engine); bad_quantity (a segment below 2).
[[nodiscard]] Form check(const pb::HandOver& change, const CheckContext& context);

/// @pre `check` passed.
[[nodiscard]] Verdict judge(const pb::HandOver& change, const StateView& view);

/// @pre `judge` did not refuse it on this state.
void make(const pb::HandOver& change, const ChangePoint& point, Draft& draft);

}  // namespace tallystick::ledger
