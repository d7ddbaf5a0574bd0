#pragma once

#include "ledger/governance/change.hpp"
#include "protocol/pb.hpp"

/// A new authority with its node.
///
/// Refusals, in order: account_exists; identifier_taken; key_taken (a key of the policy or the
/// node's belongs to an account, or the node's was ever a node's); too_many_authorities.
///
/// Effect: the account, its place in the list, its node; identifiers and keys are its own.
namespace tallystick::ledger {

/// Malformed, in order: bad_handle (not one part); the forms of identifiers, names and policy;
/// bad_key_proof (not one true proof a key, in the policy's order); bad_node (or its key stands in
/// the policy); bad_key_proof (of the node).
[[nodiscard]] Form check(const pb::AdmitAuthority& change, const CheckContext& context);

/// @pre `check` passed.
[[nodiscard]] Verdict judge(const pb::AdmitAuthority& change, const StateView& view);

/// @pre `judge` did not refuse it on this state.
void make(const pb::AdmitAuthority& change, const ChangePoint& point, Draft& draft);

}  // namespace tallystick::ledger
