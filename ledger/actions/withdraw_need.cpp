#include "ledger/actions/withdraw_need.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::WithdrawNeed& action, const CheckContext& /*context*/) {
    return check_hash(action.need());
}

std::uint64_t value_moved(const pb::WithdrawNeed& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::WithdrawNeed& action, const Context& context, Draft& draft) {
    const auto need = draft.get(need_key(action.need()));
    if (!need) return Refusal::unknown_need;
    if (need->project() != context.account) return Refusal::not_your_need;
    const auto contract = draft.get(contract_key(need->contract()));
    ensure(contract != nullptr, "a need is published on a contract, and contracts stay");
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;

    // Decided: nothing below can fail.
    draft.erase(need_key(action.need()));
    return std::nullopt;
}

}  // namespace tallystick::ledger
