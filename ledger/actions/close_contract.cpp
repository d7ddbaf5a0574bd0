#include "ledger/actions/close_contract.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/contracts.hpp"

namespace tallystick::ledger {

namespace {

bool is_anything_left(const pb::Totals& totals) {
    return totals.available() != 0 || totals.reserved() != 0 || totals.disputed() != 0 ||
           totals.confirmed() != 0;
}

}  // namespace

Form check(const pb::CloseContract& action, const CheckContext& /*context*/) {
    return check_contract_id(action.contract());
}

std::uint64_t value_moved(const pb::CloseContract& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::CloseContract& action, const Context& context, Draft& draft) {
    const auto found = draft.get(contract_key(action.contract()));
    if (!found) return Refusal::unknown_contract;
    if (!acts_for(action.contract().authority(), context, draft))
        return Refusal::not_the_contracts_authority;
    if (found->closed_at() != 0) return Refusal::contract_closed;
    if (!is_settling(*found, context.now)) return Refusal::contract_not_settling;
    const auto totals = draft.get_or_default(contract_totals_key(action.contract()));
    if (totals.awarded() != 0) return Refusal::awards_in_standstill;
    if (is_anything_left(totals)) return Refusal::credits_outstanding;

    // Decided: nothing below can fail.
    auto contract = *found;
    contract.set_closed_at(context.now);
    draft.put(contract_key(action.contract()), std::move(contract));
    return std::nullopt;
}

}  // namespace tallystick::ledger
