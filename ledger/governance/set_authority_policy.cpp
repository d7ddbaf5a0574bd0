#include "ledger/governance/set_authority_policy.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/policies.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::SetAuthorityPolicy& change, const CheckContext& context) {
    if (const auto bad = check_authority_handle(change.authority())) return bad;
    if (const auto bad = check_policy(change.policy())) return bad;
    return check_proofs_of_some(change.policy(), change.proofs(), context.ledger_id,
                                change.authority());
}

Verdict judge(const pb::SetAuthorityPolicy& change, const StateView& view) {
    const auto account = view.get(account_key(change.authority()));
    ensure(account != nullptr, "an authority has an account");
    return judge_new_policy(view, account->policy(), change.policy(), change.proofs());
}

void make(const pb::SetAuthorityPolicy& change, const ChangePoint& /*point*/, Draft& draft) {
    replace_policy(draft, change.authority(), change.policy());
}

}  // namespace tallystick::ledger
