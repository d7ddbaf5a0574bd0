#include "ledger/actions/register.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/participants.hpp"

namespace tallystick::ledger {

namespace {

Form check_roles(const pb::Register& action) {
    if (action.roles().empty() || action.roles_size() > 2) return Malformed::bad_size;
    for (const auto role : action.roles())
        if (role != pb::ROLE_SUPPLIER && role != pb::ROLE_PROJECT) return Malformed::bad_role;
    // Both, or one of them twice.
    if (action.roles_size() == 2 && action.roles(0) >= action.roles(1)) return Malformed::bad_order;
    return std::nullopt;
}

bool has_one_proof_a_key(const pb::Register& action) {
    const auto& keys = action.policy().keys();
    if (action.proofs_size() != keys.size()) return false;
    for (int i = 0; i < keys.size(); ++i)
        if (action.proofs(i).public_key() != keys[i]) return false;
    return true;
}

bool is_identifier_taken(const StateView& view, const pb::Register& action) {
    for (const auto& identifier : action.identifiers())
        if (view.get(identifier_key(identifier))) return true;
    return false;
}

bool is_key_taken(const StateView& view, const pb::Register& action) {
    for (const auto& key : action.policy().keys())
        if (view.get(public_key_key(key))) return true;
    return false;
}

pb::Account account_of(const pb::Register& action, const Context& context) {
    pb::Account account;
    *account.mutable_roles() = action.roles();
    account.set_registered_by(std::string{context.account});
    *account.mutable_identifiers() = action.identifiers();
    *account.mutable_names() = action.names();
    *account.mutable_policy() = action.policy();
    account.set_registered_at(context.now);
    return account;
}

}  // namespace

Form check(const pb::Register& action, const CheckContext& context) {
    if (const auto bad = check_registered_handle(action.handle())) return bad;
    if (const auto bad = check_roles(action)) return bad;
    if (const auto bad = check_identifiers(action.identifiers())) return bad;
    if (const auto bad = check_names(action.names())) return bad;
    if (const auto bad = check_policy(action.policy())) return bad;
    if (!has_one_proof_a_key(action)) return Malformed::bad_key_proof;
    return check_key_proofs(action.proofs(), context.ledger_id, action.handle());
}

std::uint64_t value_moved(const pb::Register& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::Register& action, const Context& context, Draft& draft) {
    if (!has_role(draft, context.account, pb::ROLE_AUTHORITY)) return Refusal::not_an_authority;
    const auto handle = AccountId::from(action.handle());
    if (!handle || handle->authority() != context.account) return Refusal::handle_not_yours;
    if (draft.get(account_key(action.handle()))) return Refusal::account_exists;
    if (is_identifier_taken(draft, action)) return Refusal::identifier_taken;
    // One key for two accounts would let one person's signature count for both organisations.
    if (is_key_taken(draft, action)) return Refusal::key_taken;

    // Decided: nothing below can fail.
    pb::Owner owner;
    owner.set_account(action.handle());
    for (const auto& identifier : action.identifiers())
        draft.put(identifier_key(identifier), owner);
    for (const auto& key : action.policy().keys()) draft.put(public_key_key(key), owner);
    draft.put(account_key(action.handle()), account_of(action, context));
    return std::nullopt;
}

}  // namespace tallystick::ledger
