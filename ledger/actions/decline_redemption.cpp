#include "ledger/actions/decline_redemption.hpp"

#include <algorithm>

#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"
#include "ledger/redemptions.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

/// Units of each resource that a decline can still break: promised, and not accepted already.
using Unbroken = std::map<std::string, std::uint64_t, std::less<>>;

std::uint64_t promised_and_not_accepted(const pb::Promise& promise) {
    return promise.awarded() - std::min(promise.awarded(), promise.accepted());
}

/// Counts what declining the line's outstanding units breaks, on the line and in the promise.
void count_broken(Draft& draft, const pb::Claim& claim, LineRef ref, Unbroken& unbroken) {
    const auto line_key = redemption_line_key(ref.redemption, ref.number);
    pb::RedemptionLine line = *draft.get(line_key);
    const auto key = promise_key(claim, line.resource());
    auto promise = draft.get_or_default(key);
    auto& left =
        unbroken.try_emplace(line.resource(), promised_and_not_accepted(promise)).first->second;
    const auto broken = std::min(line.cells().outstanding(), left);
    if (broken == 0) return;
    left -= broken;
    line.set_broken(line.broken() + broken);
    promise.set_broken(promise.broken() + broken);
    draft.put(line_key, std::move(line));
    draft.put(key, std::move(promise));
}

}  // namespace

Form check(const pb::DeclineRedemption& action, const CheckContext& /*context*/) {
    if (const auto bad = check_hash(action.redemption())) return bad;
    return check_reason(action.reason());
}

std::uint64_t value_moved(const pb::DeclineRedemption& action, const StateView& view,
                          const Context& /*context*/) {
    return outstanding_value(view, action.redemption());
}

Verdict execute(const pb::DeclineRedemption& action, const Context& context, Draft& draft) {
    const auto found = draft.get(redemption_key(action.redemption()));
    if (!found) return Refusal::unknown_redemption;
    if (found->claim().supplier() != context.account) return Refusal::not_the_redemptions_supplier;
    if (const auto refused = refuse_unless_requested(*found)) return refused;
    const auto contract = draft.get(contract_key(found->claim().contract()));
    ensure(contract != nullptr, "a redemption names a contract that was opened");
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;

    // Decided: nothing below can fail.
    pb::Redemption redemption = *found;
    *redemption.mutable_declined() = action.reason();
    draft.put(redemption_key(action.redemption()), std::move(redemption));
    Unbroken unbroken;
    for (std::uint32_t number = 0; number < found->lines(); ++number) {
        const LineRef ref{action.redemption(), number};
        const auto line = draft.get(redemption_line_key(ref.redemption, number));
        ensure(line != nullptr, "a redemption has all its lines");
        const auto outstanding = line->cells().outstanding();
        if (outstanding == 0) continue;
        count_broken(draft, found->claim(), ref, unbroken);
        move_units(draft, ref,
                   {pb::CELL_OUTSTANDING, pb::CELL_RELEASED, outstanding, context.now,
                    MoveCause::declined});
    }
    return std::nullopt;
}

}  // namespace tallystick::ledger
