#include "ledger/actions/award.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/accreditation.hpp"
#include "ledger/actions/form.hpp"
#include "ledger/allocation.hpp"
#include "ledger/authorities.hpp"
#include "ledger/commitment_lines.hpp"
#include "ledger/contracts.hpp"
#include "ledger/participants.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

/// What is to be awarded, and what it counts in all.
struct Selection {
    std::vector<pb::AwardedLine> lines;
    Amount value;
};

pb::Claim claim_of(const pb::Award& action) {
    pb::Claim claim;
    *claim.mutable_contract() = action.contract();
    claim.set_supplier(action.supplier());
    return claim;
}

/// @param revealed_number 1 + the number of the revealed line, or 0.
pb::AwardedLine awarded_line(const pb::Contract& contract, const pb::CommitmentLine& line,
                             std::uint32_t revealed_number) {
    const auto* price = find_price(contract, line.resource());
    ensure(price != nullptr, "a line is admitted only with a resource of the price list");
    pb::AwardedLine awarded;
    *awarded.mutable_line() = line;
    awarded.set_unit_value(price->unit_value());
    awarded.set_revealed_number(revealed_number);
    return awarded;
}

Result<Selection, Refusal> select_revealed(const StateView& view, const pb::Award& action,
                                           const pb::Contract& contract, std::uint64_t now) {
    // Until every bidder had its time to reveal, an award could favour whoever revealed first.
    if (now < contract.reveal_ends()) return Failure{Refusal::reveal_not_over};
    const auto claim = claim_of(action);
    const auto bid = view.get(bid_key(claim));
    if (!bid || bid->revealed_at() == 0) return Failure{Refusal::no_bid};
    Selection selection;
    for (const auto number : action.revealed()) {
        const auto revealed = view.get(revealed_line_key(claim, number));
        if (!revealed) return Failure{Refusal::unknown_line};
        if (!revealed->award().empty()) return Failure{Refusal::line_already_awarded};
        if (!is_accredited(view, action.contract(), revealed->line().project(), now))
            return Failure{Refusal::not_accredited};
        const auto value = value_of_line(contract, revealed->line());
        if (!value) return Failure{value.error()};
        const auto sum = selection.value.plus(*value);
        if (!sum) return Failure{Refusal::amount_too_large};
        selection.value = *sum;
        selection.lines.push_back(awarded_line(contract, revealed->line(), number + 1));
    }
    return selection;
}

Result<Selection, Refusal> select_co_signed(const StateView& view, const pb::Award& action,
                                            const pb::Contract& contract, const Context& context) {
    if (context.now < contract.bids_close()) return Failure{Refusal::bids_not_closed};
    // Nobody can make a supplier promise.
    if (!context.has_signed(action.supplier())) return Failure{Refusal::supplier_has_not_signed};
    const auto value =
        admit_lines(view, {action.contract(), contract}, action.lines(), context.now);
    if (!value) return Failure{value.error()};
    Selection selection{{}, *value};
    for (const auto& line : action.lines())
        selection.lines.push_back(awarded_line(contract, line, 0));
    return selection;
}

void put_award(Draft& draft, const pb::Award& action, const Selection& selection,
               const Context& context) {
    pb::AwardRecord award;
    *award.mutable_claim() = claim_of(action);
    award.set_status(pb::AWARD_STATUS_STANDSTILL);
    award.set_value(selection.value.hundredths());
    award.set_lines(static_cast<std::uint32_t>(selection.lines.size()));
    award.set_awarded_at(context.now);
    award.set_standstill_ends(action.standstill_ends());
    draft.put(award_key(context.id), std::move(award));
    std::uint32_t number = 0;
    for (const auto& line : selection.lines)
        draft.put(awarded_line_key(context.id, number++), line);
}

void mark_revealed_lines(Draft& draft, const pb::Award& action, std::string_view award) {
    const auto claim = claim_of(action);
    for (const auto number : action.revealed()) {
        const auto key = revealed_line_key(claim, number);
        auto line = draft.get_or_default(key);
        line.set_award(std::string{award});
        draft.put(key, std::move(line));
    }
}

/// The value of one line as far as the state knows it. Where the product is no amount the largest
/// stands for it, so that an award never looks smaller than it is.
std::uint64_t hundredths_of(const pb::Contract& contract, const pb::CommitmentLine& line) {
    const auto value = value_of_line(contract, line);
    if (value) return value->hundredths();
    return value.error() == Refusal::amount_too_large ? Amount::hundredths_max : 0;
}

}  // namespace

Form check(const pb::Award& action, const CheckContext& /*context*/) {
    if (const auto bad = check_contract_id(action.contract())) return bad;
    if (const auto bad = check_registered_handle(action.supplier())) return bad;
    if (action.revealed().empty() && action.lines().empty()) return Malformed::missing_field;
    if (!action.revealed().empty() && !action.lines().empty()) return Malformed::bad_size;
    const auto bad_lines = action.lines().empty()
                               ? check_numbers(action.revealed(), commitment_lines_max)
                               : check_commitment_lines(action.lines());
    if (bad_lines) return bad_lines;
    return check_time(action.standstill_ends());
}

std::uint64_t value_moved(const pb::Award& action, const StateView& view,
                          const Context& /*context*/) {
    const auto contract = view.get(contract_key(action.contract()));
    if (!contract) return 0;
    const auto claim = claim_of(action);
    // At most 256 lines of at most 2^53 - 1 each: the sum cannot wrap.
    std::uint64_t total = 0;
    for (const auto& line : action.lines()) total += hundredths_of(*contract, line);
    for (const auto number : action.revealed())
        if (const auto revealed = view.get(revealed_line_key(claim, number)))
            total += hundredths_of(*contract, revealed->line());
    return std::min(total, Amount::hundredths_max);
}

Verdict execute(const pb::Award& action, const Context& context, Draft& draft) {
    const auto contract = draft.get(contract_key(action.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (!acts_for(action.contract().authority(), context, draft))
        return Refusal::not_the_contracts_authority;
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    if (!has_role(draft, action.supplier(), pb::ROLE_SUPPLIER)) return Refusal::not_a_supplier;
    if (is_on_the_other_side(draft, action.contract(), action.supplier(), pb::ROLE_SUPPLIER))
        return Refusal::on_the_other_side;
    // Both terms are at most `seconds_max`: the sum cannot wrap.
    if (action.standstill_ends() < context.now + contract->standstill_seconds())
        return Refusal::standstill_too_short;
    if (action.standstill_ends() >= contract->redemption_deadline())
        return Refusal::standstill_after_deadline;
    const auto selection = action.lines().empty()
                               ? select_revealed(draft, action, *contract, context.now)
                               : select_co_signed(draft, action, *contract, context);
    if (!selection) return selection.error();
    if (!fits_allocation(draft, action.contract(), selection->value))
        return Refusal::allocation_exceeded;

    // Decided: nothing below can fail.
    set_aside(draft, claim_of(action), selection->value);
    put_award(draft, action, *selection, context);
    mark_revealed_lines(draft, action, context.id);
    take_side(draft, action.contract(), action.supplier(), pb::ROLE_SUPPLIER);
    return std::nullopt;
}

}  // namespace tallystick::ledger
