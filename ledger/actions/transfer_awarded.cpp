#include "ledger/actions/transfer_awarded.hpp"

#include "ledger/accreditation.hpp"
#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/awarded_lines.hpp"
#include "ledger/movement.hpp"
#include "ledger/participants.hpp"

namespace tallystick::ledger {

Form check(const pb::TransferAwarded& action, const CheckContext& context) {
    if (const auto bad = check_hash(action.award())) return bad;
    if (const auto bad = check_quantity(action.quantity())) return bad;
    if (const auto bad = check_handle(action.to())) return bad;
    if (action.to() == context.account) return Malformed::to_oneself;
    return std::nullopt;
}

std::uint64_t value_moved(const pb::TransferAwarded& action, const StateView& view,
                          const Context& /*context*/) {
    return awarded_value(view, action.award(), action.line(), action.quantity());
}

Verdict execute(const pb::TransferAwarded& action, const Context& context, Draft& draft) {
    const auto issued = find_issued_line(draft, context, action.award(), action.line());
    if (!issued) return issued.error();
    const auto& claim = issued->award->claim();
    const auto& found = issued->line;

    if (!draft.get(account_key(action.to()))) return Refusal::unknown_recipient;
    if (!has_role(draft, action.to(), pb::ROLE_PROJECT)) return Refusal::recipient_not_a_project;
    if (is_on_the_other_side(draft, claim.contract(), action.to(), pb::ROLE_PROJECT))
        return Refusal::on_the_other_side;
    const auto authority_agrees = [&] {
        return has_signed_for(claim.contract().authority(), context, draft);
    };
    if (action.to() != found->line().project() && !authority_agrees())
        return Refusal::another_project_than_awarded;
    if (!is_accredited(draft, claim.contract(), action.to(), context.now) && !authority_agrees())
        return Refusal::not_on_the_contract;

    if (units_left(*found) < action.quantity()) return Refusal::insufficient_units;
    if (const auto refused =
            move_credits(draft, claim, {context.account, pb::POCKET_AVAILABLE},
                         {action.to(), pb::POCKET_AVAILABLE}, value_of(*found, action.quantity())))
        return refused;

    // Decided: nothing below can fail.
    pb::AwardedLine line = *found;
    line.set_transferred(line.transferred() + action.quantity());
    put_line(draft, action.award(), action.line(), std::move(line));
    take_side(draft, claim.contract(), action.to(), pb::ROLE_PROJECT);
    return std::nullopt;
}

}  // namespace tallystick::ledger
