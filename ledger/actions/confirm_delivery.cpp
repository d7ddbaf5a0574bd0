#include "ledger/actions/confirm_delivery.hpp"

#include "ledger/redemptions.hpp"

namespace tallystick::ledger {

Form check(const pb::ConfirmDelivery& action, const CheckContext& /*context*/) {
    return check_line_quantities(action.lines());
}

std::uint64_t value_moved(const pb::ConfirmDelivery& action, const StateView& view,
                          const Context& /*context*/) {
    return units_value(view, action.lines());
}

Verdict execute(const pb::ConfirmDelivery& action, const Context& context, Draft& draft) {
    for (const auto& each : action.lines()) {
        const auto redemption = draft.get(redemption_key(each.redemption()));
        if (!redemption) return Refusal::unknown_redemption;
        // Only the group's own signature says that something came.
        if (redemption->project() != context.account) return Refusal::not_your_redemption;
        const auto line = draft.get(redemption_line_key(each.redemption(), each.line()));
        if (!line) return Refusal::unknown_redemption_line;
        if (line->cells().delivered() < each.quantity()) return Refusal::more_than_delivered;
    }

    // Decided: nothing below can fail. No line is named twice.
    move_line_quantities(draft, action.lines(), pb::CELL_DELIVERED, pb::CELL_CONFIRMED,
                         context.now);
    return std::nullopt;
}

}  // namespace tallystick::ledger
