#include "ledger/actions/return_credits.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"
#include "ledger/movement.hpp"
#include "ledger/participants.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::ReturnCredits& action, const CheckContext& /*context*/) {
    if (const auto bad = check_claim(action.claim())) return bad;
    return check_amount(action.amount());
}

std::uint64_t value_moved(const pb::ReturnCredits& action, const StateView& /*view*/,
                          const Context& /*context*/) {
    return action.amount();
}

Verdict execute(const pb::ReturnCredits& action, const Context& context, Draft& draft) {
    const auto amount = Amount::from(action.amount());
    ensure(amount && !amount->is_zero(), "check() bounds the amount");
    const auto& claim = action.claim();
    const auto contract = draft.get(contract_key(claim.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    // A supplier's credits are the units left of its awarded lines: it may not part the two.
    if (side_of(draft, claim.contract(), context.account) == pb::ROLE_SUPPLIER)
        return Refusal::supplier_may_not_transfer;
    return move_credits(draft, claim, {context.account, pb::POCKET_AVAILABLE},
                        {context.account, pb::POCKET_RETURNED}, *amount);
}

}  // namespace tallystick::ledger
