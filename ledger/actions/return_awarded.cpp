#include "ledger/actions/return_awarded.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/awarded_lines.hpp"
#include "ledger/movement.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::ReturnAwarded& action, const CheckContext& /*context*/) {
    if (const auto bad = check_hash(action.award())) return bad;
    return check_quantity(action.quantity());
}

std::uint64_t value_moved(const pb::ReturnAwarded& action, const StateView& view,
                          const Context& /*context*/) {
    return awarded_value(view, action.award(), action.line(), action.quantity());
}

Verdict execute(const pb::ReturnAwarded& action, const Context& context, Draft& draft) {
    const auto issued = find_issued_line(draft, context, action.award(), action.line());
    if (!issued) return issued.error();
    const auto& claim = issued->award->claim();
    const auto& found = issued->line;
    if (!has_signed_for(claim.contract().authority(), context, draft))
        return Refusal::authority_has_not_signed;
    if (units_left(*found) < action.quantity()) return Refusal::insufficient_units;
    if (const auto refused = move_credits(draft, claim, {context.account, pb::POCKET_AVAILABLE},
                                          {context.account, pb::POCKET_RETURNED},
                                          value_of(*found, action.quantity())))
        return refused;

    // Decided: nothing below can fail.
    pb::AwardedLine line = *found;
    const auto key = promise_key(claim, line.line().resource());
    auto promise = draft.get_or_default(key);
    ensure(promise.awarded() >= action.quantity(), "issued lines are counted in the promise");
    promise.set_awarded(promise.awarded() - action.quantity());
    draft.put(key, std::move(promise));
    line.set_returned(line.returned() + action.quantity());
    put_line(draft, action.award(), action.line(), std::move(line));
    return std::nullopt;
}

}  // namespace tallystick::ledger
