#pragma once

#include "ledger/governance/change.hpp"
#include "protocol/pb.hpp"

/// Another key for an authority's node, or other power. Concerns that authority.
///
/// Refusals, in order: nothing_changes (this key with this power); key_taken (another key, which
/// belongs to an account or was ever a node's).
///
/// Effect: the node; what stood against it is forgotten.
namespace tallystick::ledger {

/// Malformed, in order: bad_handle (not one part); bad_node; bad_key_proof (of the node).
[[nodiscard]] Form check(const pb::SetNode& change, const CheckContext& context);

/// @pre `check` passed, and what all changes that concern one authority refuse was tested.
[[nodiscard]] Verdict judge(const pb::SetNode& change, const StateView& view);

/// @pre `judge` did not refuse it on this state.
void make(const pb::SetNode& change, const ChangePoint& point, Draft& draft);

}  // namespace tallystick::ledger
