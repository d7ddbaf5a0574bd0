#include "ledger/actions/verify_delivery.hpp"

#include "ledger/authorities.hpp"
#include "ledger/redemptions.hpp"

namespace tallystick::ledger {

Form check(const pb::VerifyDelivery& action, const CheckContext& /*context*/) {
    return check_line_quantities(action.lines());
}

std::uint64_t value_moved(const pb::VerifyDelivery& action, const StateView& view,
                          const Context& /*context*/) {
    return units_value(view, action.lines());
}

Verdict execute(const pb::VerifyDelivery& action, const Context& context, Draft& draft) {
    for (const auto& each : action.lines()) {
        const auto redemption = draft.get(redemption_key(each.redemption()));
        if (!redemption) return Refusal::unknown_redemption;
        if (!acts_for(redemption->claim().contract().authority(), context, draft))
            return Refusal::not_the_contracts_authority;
        const auto line = draft.get(redemption_line_key(each.redemption(), each.line()));
        if (!line) return Refusal::unknown_redemption_line;
        if (line->cells().confirmed() < each.quantity()) return Refusal::more_than_confirmed;
    }

    // Decided: nothing below can fail. No line is named twice.
    move_line_quantities(draft, action.lines(), pb::CELL_CONFIRMED, pb::CELL_RETIRED, context.now);
    return std::nullopt;
}

}  // namespace tallystick::ledger
