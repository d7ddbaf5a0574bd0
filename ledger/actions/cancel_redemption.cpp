#include "ledger/actions/cancel_redemption.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"
#include "ledger/redemptions.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

/// Between acceptance and the agreed date the supplier may have spent on it already.
bool supplier_must_sign(const pb::Redemption& redemption, std::uint64_t now) {
    return redemption.status() == pb::REDEMPTION_STATUS_ACCEPTED && now <= redemption.agreed_date();
}

bool has_ended(const pb::Redemption& redemption) {
    return redemption.status() != pb::REDEMPTION_STATUS_REQUESTED &&
           redemption.status() != pb::REDEMPTION_STATUS_ACCEPTED;
}

}  // namespace

Form check(const pb::CancelRedemption& action, const CheckContext& /*context*/) {
    if (const auto bad = check_hash(action.redemption())) return bad;
    return check_numbers(action.lines(), redemption_lines_max);
}

std::uint64_t value_moved(const pb::CancelRedemption& action, const StateView& view,
                          const Context& /*context*/) {
    std::uint64_t sum = 0;
    for (const auto number : action.lines()) {
        const auto line = view.get(redemption_line_key(action.redemption(), number));
        if (!line) continue;  // refused later; the other lines still count
        const LineRef ref{action.redemption(), number};
        sum = bounded_sum(sum, units_value(view, ref, line->cells().outstanding()));
    }
    return sum;
}

Verdict execute(const pb::CancelRedemption& action, const Context& context, Draft& draft) {
    const auto found = draft.get(redemption_key(action.redemption()));
    if (!found) return Refusal::unknown_redemption;
    if (context.account != found->project() && context.account != found->claim().supplier())
        return Refusal::not_your_redemption;
    if (!context.has_signed(found->project())) return Refusal::project_must_agree;
    if (has_ended(*found)) return Refusal::redemption_ended;
    const auto contract = draft.get(contract_key(found->claim().contract()));
    ensure(contract != nullptr, "a redemption names a contract that was opened");
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    if (supplier_must_sign(*found, context.now) && !context.has_signed(found->claim().supplier()))
        return Refusal::supplier_must_agree;
    for (const auto number : action.lines()) {
        const auto line = draft.get(redemption_line_key(action.redemption(), number));
        if (!line) return Refusal::unknown_redemption_line;
        if (line->cells().outstanding() == 0) return Refusal::nothing_outstanding;
    }

    // Decided: nothing below can fail.
    for (const auto number : action.lines()) {
        const auto line = draft.get(redemption_line_key(action.redemption(), number));
        move_units(draft, {action.redemption(), number},
                   {pb::CELL_OUTSTANDING, pb::CELL_RELEASED, line->cells().outstanding(),
                    context.now, MoveCause::cancelled});
    }
    return std::nullopt;
}

}  // namespace tallystick::ledger
