#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An account changes who must sign for it.
/// Signs: the account, by its own rule for changes of the policy.
///
/// Refusals, in order: key_not_proved (a key that the account did not have comes without its
/// proof); key_taken (such a key belongs to another account, or is the node's of this one).
///
/// Effect: the new policy; keys that are no longer in it belong to nobody again.
namespace tallystick::ledger {

/// Malformed, in order: bad_policy (not well-formed, or not to be satisfied by its own signers);
/// bad_order (proofs do not strictly ascend by key); bad_key_proof (a proof of a key that is not
/// the policy's, or a false one). At most one proof a key follows from that.
[[nodiscard]] Form check(const pb::SetPolicy& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::SetPolicy& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::SetPolicy& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
