#include "ledger/actions/redeem.hpp"

#include "ledger/accreditation.hpp"
#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"
#include "ledger/movement.hpp"
#include "ledger/redemptions.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

/// What the lines cost together, or the first refusal of a line.
Result<Amount, Refusal> price_lines(const pb::Redeem& action, const pb::Contract& contract,
                                    const pb::Accreditation::Grant& grant, const StateView& view) {
    Amount sum;
    for (const auto& line : action.lines()) {
        const auto* const price = find_price(contract, line.resource());
        if (price == nullptr) return Failure{Refusal::unknown_resource};
        if (!contains(grant.outcomes(), line.outcome())) return Failure{Refusal::unknown_outcome};
        if (!contains(grant.wards(), line.ward())) return Failure{Refusal::unknown_ward};
        const auto promise = view.get(promise_key(action.claim(), line.resource()));
        if (!promise || promise->awarded() == 0) return Failure{Refusal::resource_not_promised};
        const auto unit_value = Amount::from(price->unit_value());
        ensure(unit_value.has_value(), "a price list holds amounts");
        const auto value = unit_value->times(line.quantity());
        const auto next = value ? sum.plus(*value) : std::nullopt;
        if (!next) return Failure{Refusal::amount_too_large};
        sum = *next;
    }
    return sum;
}

void put_lines(const pb::Redeem& action, const Context& context, const pb::Contract& contract,
               Draft& draft) {
    const auto parameters = draft.get_or_default(parameters_key());
    std::uint32_t number = 0;
    for (const auto& request : action.lines()) {
        pb::RedemptionLine line;
        line.set_resource(request.resource());
        line.set_outcome(request.outcome());
        line.set_ward(request.ward());
        line.set_unit_value(find_price(contract, request.resource())->unit_value());
        line.set_requested(request.quantity());
        line.mutable_cells()->set_outstanding(request.quantity());
        line.set_lapse_at(context.now + parameters.answer_seconds());
        draft.put(redemption_line_key(context.id, number), std::move(line));
        ++number;
    }
    pb::Redemption redemption;
    *redemption.mutable_claim() = action.claim();
    redemption.set_project(std::string{context.account});
    redemption.set_status(pb::REDEMPTION_STATUS_REQUESTED);
    redemption.set_requested_at(context.now);
    redemption.set_wanted_by(action.wanted_by());
    redemption.set_lines(number);
    redemption.set_open_lines(number);
    draft.put(redemption_key(context.id), std::move(redemption));
}

}  // namespace

Form check(const pb::Redeem& action, const CheckContext& /*context*/) {
    if (const auto bad = check_claim(action.claim())) return bad;
    if (action.lines().empty() ||
        static_cast<std::size_t>(action.lines_size()) > redemption_lines_max)
        return Malformed::bad_size;
    for (const auto& line : action.lines()) {
        if (const auto bad = check_code(line.resource())) return bad;
        if (const auto bad = check_quantity(line.quantity())) return bad;
        if (const auto bad = check_code(line.outcome())) return bad;
        if (const auto bad = check_code(line.ward())) return bad;
    }
    return check_time(action.wanted_by());
}

std::uint64_t value_moved(const pb::Redeem& action, const StateView& view,
                          const Context& /*context*/) {
    const auto contract = view.get(contract_key(action.claim().contract()));
    if (!contract) return 0;
    std::uint64_t sum = 0;
    for (const auto& line : action.lines()) {
        const auto* const price = find_price(*contract, line.resource());
        if (price == nullptr) continue;  // refused later; the other lines still count
        const auto unit_value = Amount::from(price->unit_value());
        const auto value = unit_value ? unit_value->times(line.quantity()) : std::nullopt;
        sum = bounded_sum(sum, value ? value->hundredths() : Amount::hundredths_max);
    }
    return sum;
}

Verdict execute(const pb::Redeem& action, const Context& context, Draft& draft) {
    const auto& claim = action.claim();
    const auto contract = draft.get(contract_key(claim.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    if (action.wanted_by() <= context.now || action.wanted_by() >= contract->redemption_deadline())
        return Refusal::date_out_of_range;
    const auto grant = grant_at(draft, claim.contract(), context.account, context.now);
    if (!grant) return Refusal::not_accredited;
    const auto price = price_lines(action, *contract, *grant, draft);
    if (!price) return price.error();
    if (const auto refused = move_credits(draft, claim, {context.account, pb::POCKET_AVAILABLE},
                                          {context.account, pb::POCKET_RESERVED}, *price))
        return refused;

    // Decided: nothing below can fail.
    put_lines(action, context, *contract, draft);
    return std::nullopt;
}

}  // namespace tallystick::ledger
