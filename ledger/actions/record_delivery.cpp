#include "ledger/actions/record_delivery.hpp"

#include <algorithm>
#include <functional>

#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"
#include "ledger/redemptions.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::RecordDelivery& action, const CheckContext& /*context*/) {
    if (const auto bad = check_hash(action.redemption())) return bad;
    if (const auto bad = check_quantity(action.quantity())) return bad;
    if (action.evidence().empty() ||
        static_cast<std::size_t>(action.evidence_size()) > evidence_tags_max)
        return Malformed::bad_size;
    for (const auto& tag : action.evidence())
        if (const auto bad = check_hash(tag)) return bad;
    if (std::ranges::adjacent_find(action.evidence(), std::ranges::greater_equal{}) !=
        action.evidence().end())
        return Malformed::bad_order;
    return std::nullopt;
}

std::uint64_t value_moved(const pb::RecordDelivery& action, const StateView& view,
                          const Context& /*context*/) {
    return units_value(view, {action.redemption(), action.line()}, action.quantity());
}

Verdict execute(const pb::RecordDelivery& action, const Context& context, Draft& draft) {
    const auto redemption = draft.get(redemption_key(action.redemption()));
    if (!redemption) return Refusal::unknown_redemption;
    const auto& claim = redemption->claim();
    if (claim.supplier() != context.account) return Refusal::not_the_redemptions_supplier;
    if (const auto refused = refuse_unless_accepted(*redemption)) return refused;
    const auto contract = draft.get(contract_key(claim.contract()));
    ensure(contract != nullptr, "a redemption names a contract that was opened");
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    const auto line = draft.get(redemption_line_key(action.redemption(), action.line()));
    if (!line) return Refusal::unknown_redemption_line;
    if (line->cells().outstanding() < action.quantity()) return Refusal::more_than_outstanding;
    for (const auto& tag : action.evidence())
        if (draft.get(evidence_key(tag))) return Refusal::evidence_used;

    // Decided: nothing below can fail.
    for (const auto& tag : action.evidence()) {
        pb::EvidenceUse use;
        use.set_redemption(action.redemption());
        use.set_line(action.line());
        draft.put(evidence_key(tag), std::move(use));
    }
    move_units(draft, {action.redemption(), action.line()},
               {pb::CELL_OUTSTANDING, pb::CELL_DELIVERED, action.quantity(), context.now});
    return std::nullopt;
}

}  // namespace tallystick::ledger
