#include "ledger/actions/cancel_award.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/allocation.hpp"
#include "ledger/authorities.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

void free_revealed_lines(Draft& draft, std::string_view award, const pb::AwardRecord& record) {
    for (std::uint32_t number = 0; number < record.lines(); ++number) {
        const auto awarded = draft.get(awarded_line_key(award, number));
        ensure(awarded != nullptr, "an award has as many lines as its record says");
        if (awarded->revealed_number() == 0) continue;
        const auto key = revealed_line_key(record.claim(), awarded->revealed_number() - 1);
        auto line = draft.get_or_default(key);
        line.clear_award();
        draft.put(key, std::move(line));
    }
}

}  // namespace

Form check(const pb::CancelAward& action, const CheckContext& /*context*/) {
    if (const auto bad = check_hash(action.award())) return bad;
    return check_reason(action.reason());
}

std::uint64_t value_moved(const pb::CancelAward& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::CancelAward& action, const Context& context, Draft& draft) {
    const auto found = draft.get(award_key(action.award()));
    if (!found) return Refusal::unknown_award;
    if (!acts_for(found->claim().contract().authority(), context, draft))
        return Refusal::not_the_contracts_authority;
    if (found->status() != pb::AWARD_STATUS_STANDSTILL || context.now >= found->standstill_ends())
        return Refusal::award_not_in_standstill;

    // Decided: nothing below can fail.
    const auto value = Amount::from(found->value());
    ensure(value.has_value(), "an award's value is an amount");
    give_back(draft, found->claim(), *value);
    free_revealed_lines(draft, action.award(), *found);
    auto award = *found;
    award.set_status(pb::AWARD_STATUS_CANCELLED);
    *award.mutable_cancelled() = action.reason();
    draft.put(award_key(action.award()), std::move(award));
    return std::nullopt;
}

}  // namespace tallystick::ledger
