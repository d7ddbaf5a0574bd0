#include "ledger/actions/set_policy.hpp"

#include <algorithm>
#include <functional>

#include "ledger/actions/form.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

bool has_key(const pb::Policy& policy, std::string_view key) {
    return std::ranges::find(policy.keys(), key) != policy.keys().end();
}

bool is_proved(const pb::SetPolicy& action, std::string_view key) {
    return std::ranges::find(action.proofs(), key, &pb::KeyProof::public_key) !=
           action.proofs().end();
}

bool is_any_key_unproved(const pb::Policy& old, const pb::SetPolicy& action) {
    return std::ranges::any_of(action.policy().keys(), [&](const std::string& key) {
        return !has_key(old, key) && !is_proved(action, key);
    });
}

bool is_any_key_taken(const StateView& view, std::string_view account,
                      const pb::SetPolicy& action) {
    return std::ranges::any_of(action.policy().keys(), [&](const std::string& key) {
        const auto owner = view.get(public_key_key(key));
        return owner && owner->account() != account;
    });
}

}  // namespace

Form check(const pb::SetPolicy& action, const CheckContext& context) {
    if (const auto bad = check_policy(action.policy())) return bad;
    const auto disorder = std::ranges::adjacent_find(action.proofs(), std::ranges::greater_equal{},
                                                     &pb::KeyProof::public_key);
    if (disorder != action.proofs().end()) return Malformed::bad_order;
    for (const auto& proof : action.proofs())
        if (!has_key(action.policy(), proof.public_key())) return Malformed::bad_key_proof;
    return check_key_proofs(action.proofs(), context.ledger_id, context.account);
}

std::uint64_t value_moved(const pb::SetPolicy& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::SetPolicy& action, const Context& context, Draft& draft) {
    const auto before = draft.get(account_key(context.account));
    ensure(before != nullptr, "an account acts only after it satisfied its policy");
    if (is_any_key_unproved(before->policy(), action)) return Refusal::key_not_proved;
    if (is_any_key_taken(draft, context.account, action)) return Refusal::key_taken;

    // Decided: nothing below can fail.
    pb::Owner owner;
    owner.set_account(std::string{context.account});
    for (const auto& key : before->policy().keys()) draft.erase(public_key_key(key));
    for (const auto& key : action.policy().keys()) draft.put(public_key_key(key), owner);
    auto account = *before;
    *account.mutable_policy() = action.policy();
    draft.put(account_key(context.account), std::move(account));
    return std::nullopt;
}

}  // namespace tallystick::ledger
