#include "ledger/governance/admit_authority.hpp"

#include <algorithm>

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/governance/nodes.hpp"
#include "ledger/policies.hpp"

namespace tallystick::ledger {

namespace {

pb::Account account_of(const pb::AdmitAuthority& change, std::uint64_t time) {
    pb::Account account;
    account.add_roles(pb::ROLE_AUTHORITY);
    *account.mutable_identifiers() = change.identifiers();
    *account.mutable_names() = change.names();
    *account.mutable_policy() = change.policy();
    account.set_registered_at(time);
    return account;
}

}  // namespace

Form check(const pb::AdmitAuthority& change, const CheckContext& context) {
    if (const auto bad = check_authority_handle(change.handle())) return bad;
    if (const auto bad = check_identifiers(change.identifiers())) return bad;
    if (const auto bad = check_names(change.names())) return bad;
    if (const auto bad = check_policy(change.policy())) return bad;
    if (const auto bad = check_proofs_of_all(change.policy(), change.proofs(), context.ledger_id,
                                             change.handle()))
        return bad;
    if (const auto bad = check_node(change.node())) return bad;
    const auto& keys = change.policy().keys();
    if (std::ranges::find(keys, change.node().public_key()) != keys.end())
        return Malformed::bad_node;
    return check_node_proof(change.node_proof(), change.node(), context.ledger_id, change.handle());
}

Verdict judge(const pb::AdmitAuthority& change, const StateView& view) {
    // Also of one that was removed: what its name stands for must not change.
    if (view.get(account_key(change.handle()))) return Refusal::account_exists;
    if (is_any_identifier_taken(view, change.identifiers())) return Refusal::identifier_taken;
    if (is_any_key_taken(view, change.policy()) ||
        is_node_key_taken(view, change.node().public_key()))
        return Refusal::key_taken;
    if (authorities_of(view)->handles_size() >= authorities_max)
        return Refusal::too_many_authorities;
    return std::nullopt;
}

void make(const pb::AdmitAuthority& change, const ChangePoint& point, Draft& draft) {
    put_account(draft, change.handle(), account_of(change, point.time));
    auto authorities = *authorities_of(draft);
    authorities.add_handles(change.handle());
    std::ranges::sort(*authorities.mutable_handles());
    draft.put(authorities_key(), std::move(authorities));
    put_node(draft, change.handle(), change.node());
}

}  // namespace tallystick::ledger
