#include "ledger/actions/resolve_dispute.hpp"

#include <algorithm>

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/contracts.hpp"
#include "ledger/redemptions.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

void move_if_any(Draft& draft, LineRef line, const UnitMove& move) {
    if (move.quantity > 0) move_units(draft, line, move);
}

}  // namespace

Form check(const pb::ResolveDispute& action, const CheckContext& /*context*/) {
    if (const auto bad = check_hash(action.redemption())) return bad;
    if (action.to_project() > quantity_max || action.to_retire() > quantity_max)
        return Malformed::bad_quantity;
    return check_quantity(std::max(action.to_project(), action.to_retire()));
}

std::uint64_t value_moved(const pb::ResolveDispute& action, const StateView& view,
                          const Context& /*context*/) {
    return units_value(view, {action.redemption(), action.line()},
                       action.to_project() + action.to_retire());
}

Verdict execute(const pb::ResolveDispute& action, const Context& context, Draft& draft) {
    const auto redemption = draft.get(redemption_key(action.redemption()));
    if (!redemption) return Refusal::unknown_redemption;
    const auto& contract_id = redemption->claim().contract();
    if (!acts_for(contract_id.authority(), context, draft))
        return Refusal::not_the_contracts_authority;
    const LineRef ref{action.redemption(), action.line()};
    const auto line = draft.get(redemption_line_key(ref.redemption, ref.number));
    if (!line) return Refusal::unknown_redemption_line;
    const auto delivered = line->cells().disputed_delivered();
    const auto confirmed = line->cells().disputed_confirmed();
    if (delivered + confirmed == 0) return Refusal::nothing_disputed;
    if (action.to_project() + action.to_retire() != delivered + confirmed)
        return Refusal::not_all_disputed;
    if (action.to_retire() > confirmed && !context.has_signed(redemption->project()))
        return Refusal::project_has_not_signed;
    const auto contract = draft.get(contract_key(contract_id));
    ensure(contract != nullptr, "a redemption names a contract that was opened");

    // Decided: nothing below can fail. Past the deadline nobody could spend what came back.
    const auto back = is_open(*contract, context.now) ? pb::CELL_RELEASED : pb::CELL_EXPIRED;
    const auto retired_confirmed = std::min(action.to_retire(), confirmed);
    const auto retired_delivered = action.to_retire() - retired_confirmed;
    move_if_any(draft, ref,
                {pb::CELL_DISPUTED_CONFIRMED, pb::CELL_RETIRED, retired_confirmed, context.now});
    move_if_any(draft, ref,
                {pb::CELL_DISPUTED_DELIVERED, pb::CELL_RETIRED, retired_delivered, context.now});
    move_if_any(draft, ref,
                {pb::CELL_DISPUTED_CONFIRMED, back, confirmed - retired_confirmed, context.now});
    move_if_any(draft, ref,
                {pb::CELL_DISPUTED_DELIVERED, back, delivered - retired_delivered, context.now});
    return std::nullopt;
}

}  // namespace tallystick::ledger
