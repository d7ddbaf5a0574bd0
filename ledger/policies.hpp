#pragma once

#include <string_view>

#include "ledger/actions/form.hpp"
#include "ledger/context.hpp"
#include "ledger/draft.hpp"

/// Who must sign for an account, and whose the keys are: shared by what registers an account and by
/// what changes its policy.
namespace tallystick::ledger {

/// Does any of these belong to an account already?
[[nodiscard]] bool is_any_identifier_taken(
    const StateView& view, const google::protobuf::RepeatedPtrField<pb::Identifier>& identifiers);
[[nodiscard]] bool is_any_key_taken(const StateView& view, const pb::Policy& policy);

/// May `account`, whose policy is `before`, have this one? Refusals, in order: key_not_proved (a
/// key that `before` does not list comes without a proof); key_taken (such a key belongs to an
/// account, be it this one's as its node's).
[[nodiscard]] Verdict judge_new_policy(const StateView& view, const pb::Policy& before,
                                       const pb::Policy& after, const KeyProofs& proofs);

/// Gives an account that the ledger did not know its place, its identifiers and its keys.
/// @pre none of them is taken.
void put_account(Draft& draft, std::string_view handle, pb::Account account);

/// Replaces the policy; keys that are no longer in it belong to nobody.
/// @pre `judge_new_policy` did not refuse; the account is known.
void replace_policy(Draft& draft, std::string_view handle, const pb::Policy& policy);

}  // namespace tallystick::ledger
