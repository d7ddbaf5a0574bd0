#include "ledger/actions/register.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/participants.hpp"
#include "ledger/policies.hpp"

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
    return check_proofs_of_all(action.policy(), action.proofs(), context.ledger_id,
                               action.handle());
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
    if (is_any_identifier_taken(draft, action.identifiers())) return Refusal::identifier_taken;
    // One key for two accounts would let one person's signature count for both organisations.
    if (is_any_key_taken(draft, action.policy())) return Refusal::key_taken;

    // Decided: nothing below can fail.
    put_account(draft, action.handle(), account_of(action, context));
    return std::nullopt;
}

}  // namespace tallystick::ledger
