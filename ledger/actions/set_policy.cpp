#include "ledger/actions/set_policy.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/policies.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::SetPolicy& action, const CheckContext& context) {
    if (const auto bad = check_policy(action.policy())) return bad;
    return check_proofs_of_some(action.policy(), action.proofs(), context.ledger_id,
                                context.account);
}

std::uint64_t value_moved(const pb::SetPolicy& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::SetPolicy& action, const Context& context, Draft& draft) {
    const auto before = draft.get(account_key(context.account));
    ensure(before != nullptr, "an account acts only after it satisfied its policy");
    if (const auto refused =
            judge_new_policy(draft, before->policy(), action.policy(), action.proofs()))
        return refused;

    // Decided: nothing below can fail.
    replace_policy(draft, context.account, action.policy());
    return std::nullopt;
}

}  // namespace tallystick::ledger
