#include "ledger/actions/accept_redemption.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"
#include "ledger/redemptions.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

/// Counts what is outstanding as accepted, and gives it until long after the agreed date.
void accept_line(Draft& draft, const pb::Claim& claim, LineRef ref, std::uint64_t lapse_at) {
    const auto line_key = redemption_line_key(ref.redemption, ref.number);
    const auto found = draft.get(line_key);
    ensure(found != nullptr, "a redemption has all its lines");
    if (found->cells().outstanding() == 0) return;
    pb::RedemptionLine line = *found;
    const auto key = promise_key(claim, line.resource());
    auto promise = draft.get_or_default(key);
    promise.set_accepted(promise.accepted() + line.cells().outstanding());
    draft.put(key, std::move(promise));
    line.set_lapse_at(lapse_at);
    draft.put(line_key, std::move(line));
}

}  // namespace

Form check(const pb::AcceptRedemption& action, const CheckContext& /*context*/) {
    if (const auto bad = check_hash(action.redemption())) return bad;
    return check_time(action.date());
}

std::uint64_t value_moved(const pb::AcceptRedemption& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::AcceptRedemption& action, const Context& context, Draft& draft) {
    const auto found = draft.get(redemption_key(action.redemption()));
    if (!found) return Refusal::unknown_redemption;
    if (found->claim().supplier() != context.account) return Refusal::not_the_redemptions_supplier;
    if (const auto refused = refuse_unless_requested(*found)) return refused;
    const auto contract = draft.get(contract_key(found->claim().contract()));
    ensure(contract != nullptr, "a redemption names a contract that was opened");
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    const auto parameters = draft.get_or_default(parameters_key());
    const auto latest = found->wanted_by() + parameters.accepted_date_after_wanted_seconds_max();
    if (action.date() < context.now || action.date() > latest ||
        action.date() >= contract->redemption_deadline())
        return Refusal::date_out_of_range;

    // Decided: nothing below can fail.
    const auto lapse_at = action.date() + parameters.undelivered_seconds();
    for (std::uint32_t number = 0; number < found->lines(); ++number)
        accept_line(draft, found->claim(), {action.redemption(), number}, lapse_at);
    pb::Redemption redemption = *found;
    redemption.set_status(pb::REDEMPTION_STATUS_ACCEPTED);
    redemption.set_agreed_date(action.date());
    draft.put(redemption_key(action.redemption()), std::move(redemption));
    return std::nullopt;
}

}  // namespace tallystick::ledger
