#include "ledger/actions/dispute.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/redemptions.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

bool is_party(const pb::Redemption& redemption, const Context& context, const StateView& view) {
    return context.account == redemption.project() ||
           context.account == redemption.claim().supplier() ||
           acts_for(redemption.claim().contract().authority(), context, view);
}

}  // namespace

Form check(const pb::Dispute& action, const CheckContext& /*context*/) {
    if (const auto bad = check_hash(action.redemption())) return bad;
    if (const auto bad = check_quantity(action.quantity())) return bad;
    if (action.from() != pb::CELL_DELIVERED && action.from() != pb::CELL_CONFIRMED)
        return Malformed::bad_enum;
    return check_reason(action.reason());
}

std::uint64_t value_moved(const pb::Dispute& action, const StateView& view,
                          const Context& /*context*/) {
    return units_value(view, {action.redemption(), action.line()}, action.quantity());
}

Verdict execute(const pb::Dispute& action, const Context& context, Draft& draft) {
    const bool delivered = action.from() == pb::CELL_DELIVERED;
    const auto redemption = draft.get(redemption_key(action.redemption()));
    if (!redemption) return Refusal::unknown_redemption;
    if (!is_party(*redemption, context, draft)) return Refusal::not_a_party;
    const auto line = draft.get(redemption_line_key(action.redemption(), action.line()));
    if (!line) return Refusal::unknown_redemption_line;
    const auto contract = draft.get(contract_key(redemption->claim().contract()));
    ensure(contract != nullptr, "a redemption names a contract that was opened");
    if (context.now >= contract->settling_ends()) return Refusal::dispute_window_over;
    if (units_in(line->cells(), action.from()) < action.quantity())
        return delivered ? Refusal::more_than_delivered : Refusal::more_than_confirmed;

    // Decided: nothing below can fail.
    move_units(
        draft, {action.redemption(), action.line()},
        {action.from(), delivered ? pb::CELL_DISPUTED_DELIVERED : pb::CELL_DISPUTED_CONFIRMED,
         action.quantity(), context.now});
    return std::nullopt;
}

}  // namespace tallystick::ledger
