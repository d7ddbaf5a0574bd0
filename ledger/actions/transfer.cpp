#include "ledger/actions/transfer.hpp"

#include <algorithm>

#include "ledger/accreditation.hpp"
#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/contracts.hpp"
#include "ledger/movement.hpp"
#include "ledger/participants.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

/// May somebody who is not accredited receive?
Verdict judge_recipient(const pb::Transfer& action, const Context& context, const StateView& view) {
    const auto& contract = action.claim().contract();
    const auto account = view.get(account_key(action.to()));
    if (!account) return Refusal::unknown_recipient;
    if (std::ranges::find(account->roles(), pb::ROLE_PROJECT) == account->roles().end())
        return Refusal::recipient_not_a_project;
    if (is_on_the_other_side(view, contract, action.to(), pb::ROLE_PROJECT))
        return Refusal::on_the_other_side;
    if (!has_signed_for(contract.authority(), context, view)) return Refusal::not_on_the_contract;
    return std::nullopt;
}

}  // namespace

Form check(const pb::Transfer& action, const CheckContext& context) {
    if (const auto bad = check_claim(action.claim())) return bad;
    if (const auto bad = check_amount(action.amount())) return bad;
    if (const auto bad = check_handle(action.to())) return bad;
    if (action.to() == context.account) return Malformed::to_oneself;
    return check_optional_hash(action.reference());
}

std::uint64_t value_moved(const pb::Transfer& action, const StateView& /*view*/,
                          const Context& /*context*/) {
    return action.amount();
}

Verdict execute(const pb::Transfer& action, const Context& context, Draft& draft) {
    const auto amount = Amount::from(action.amount());
    ensure(amount && !amount->is_zero(), "check() bounds the amount");
    const auto& claim = action.claim();
    const auto contract = draft.get(contract_key(claim.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    if (side_of(draft, claim.contract(), context.account) == pb::ROLE_SUPPLIER)
        return Refusal::supplier_may_not_transfer;

    // Who is accredited is a project, and on the project's side of this contract since it applied:
    // the busiest case needs one look-up, not three.
    const bool accredited = is_accredited(draft, claim.contract(), action.to(), context.now);
    if (!accredited)
        if (const auto refused = judge_recipient(action, context, draft)) return refused;

    if (const auto refused = move_credits(draft, claim, {context.account, pb::POCKET_AVAILABLE},
                                          {action.to(), pb::POCKET_AVAILABLE}, *amount))
        return refused;

    // Decided: nothing below can fail.
    if (!accredited) take_side(draft, claim.contract(), action.to(), pb::ROLE_PROJECT);
    return std::nullopt;
}

}  // namespace tallystick::ledger
