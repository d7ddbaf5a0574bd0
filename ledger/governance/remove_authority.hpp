#pragma once

#include "ledger/governance/change.hpp"
#include "protocol/pb.hpp"

/// Ends an authority. Another takes over its accounts and contracts. Concerns the one that goes.
///
/// Refusals, in order: unknown_successor (no current authority); too_few_nodes_left (fewer than two
/// of the others' nodes have power).
///
/// Effect: it leaves the list, its node goes, its account names the successor and signs nothing any
/// more.
namespace tallystick::ledger {

/// Malformed, in order: bad_handle (either, not one part); to_oneself (they are the same).
[[nodiscard]] Form check(const pb::RemoveAuthority& change, const CheckContext& context);

/// @pre `check` passed, and what all changes that concern one authority refuse was tested.
[[nodiscard]] Verdict judge(const pb::RemoveAuthority& change, const StateView& view);

/// @pre `judge` did not refuse it on this state.
void make(const pb::RemoveAuthority& change, const ChangePoint& point, Draft& draft);

}  // namespace tallystick::ledger
