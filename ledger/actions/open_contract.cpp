#include "ledger/actions/open_contract.hpp"

#include <algorithm>
#include <functional>

#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"
#include "ledger/participants.hpp"
#include "protocol/canonical.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::ledger {

namespace {

Form check_rate(const pb::AllocationRate& rate) {
    if (rate.basis_points() == 0 || rate.basis_points() > basis_points_max)
        return Malformed::bad_amount;
    return check_amount(rate.pence_per_credit());
}

Form check_bands(const pb::AllocationBands& bands) {
    const auto count = static_cast<std::size_t>(bands.bands_size());
    if (count == 0 || count > allocation_bands_max) return Malformed::bad_size;
    for (const auto& band : bands.bands()) {
        if (band.from_pence() > Amount::hundredths_max) return Malformed::bad_amount;
        if (const auto bad = check_amount(band.allocation())) return bad;
    }
    const auto disorder = std::ranges::adjacent_find(bands.bands(), std::ranges::greater_equal{},
                                                     &pb::AllocationBand::from_pence);
    if (disorder != bands.bands().end()) return Malformed::bad_order;
    return std::nullopt;
}

Form check_allocation(const pb::OpenContract& action) {
    switch (action.allocation_case()) {
        case pb::OpenContract::kAllocationFixed: return check_amount(action.allocation_fixed());
        case pb::OpenContract::kAllocationRate: return check_rate(action.allocation_rate());
        case pb::OpenContract::kAllocationBands: return check_bands(action.allocation_bands());
        case pb::OpenContract::ALLOCATION_NOT_SET: break;
    }
    return Malformed::missing_field;
}

Form check_price(const pb::PriceItem& item) {
    if (const auto bad = check_code(item.resource())) return bad;
    if (item.kind() == pb::RESOURCE_KIND_UNSPECIFIED || !pb::ResourceKind_IsValid(item.kind()))
        return Malformed::bad_enum;
    if (item.unit() == pb::RESOURCE_UNIT_UNSPECIFIED || !pb::ResourceUnit_IsValid(item.unit()))
        return Malformed::bad_enum;
    if (const auto bad = check_amount(item.hundredths_per_unit())) return bad;
    if (item.deadweight_basis_points() > basis_points_max) return Malformed::bad_amount;
    return std::nullopt;
}

Form check_prices(const pb::OpenContract& action) {
    const auto count = static_cast<std::size_t>(action.prices_size());
    if (count == 0 || count > prices_max) return Malformed::bad_size;
    for (const auto& item : action.prices())
        if (const auto bad = check_price(item)) return bad;
    const auto disorder = std::ranges::adjacent_find(action.prices(), std::ranges::greater_equal{},
                                                     &pb::PriceItem::resource);
    if (disorder != action.prices().end()) return Malformed::bad_order;
    return std::nullopt;
}

Form check_dates(const pb::OpenContract& action) {
    if (const auto bad = check_time(action.bids_close())) return bad;
    if (action.standstill_seconds() > seconds_max) return Malformed::bad_time;
    return check_time(action.redemption_deadline());
}

/// No sum wraps: times and windows are at most `seconds_max`.
bool are_dates_in_order(const pb::OpenContract& action, const pb::Parameters& parameters,
                        std::uint64_t now) {
    return action.bids_close() > now &&
           action.bids_close() + parameters.reveal_seconds() + action.standstill_seconds() <
               action.redemption_deadline();
}

bool is_any_unit_worthless(const pb::OpenContract& action) {
    return std::ranges::any_of(
        action.prices(), [](const pb::PriceItem& item) { return unit_value_of(item).is_zero(); });
}

void put_prices(pb::Contract& contract, const pb::OpenContract& action) {
    pb::PriceList list;
    *list.mutable_prices() = action.prices();
    contract.set_price_list_hash(sha256(canonical_bytes(list)).str());
    for (const auto& item : action.prices()) {
        auto* priced = contract.add_prices();
        *priced->mutable_price() = item;
        priced->set_unit_value(unit_value_of(item).hundredths());
    }
}

}  // namespace

Form check(const pb::OpenContract& action, const CheckContext& /*context*/) {
    if (const auto bad = check_contract_id(action.contract())) return bad;
    if (action.value_pence() > Amount::hundredths_max) return Malformed::bad_amount;
    if (const auto bad = check_allocation(action)) return bad;
    if (const auto bad = check_prices(action)) return bad;
    if (const auto bad = check_codes(action.outcomes(), outcomes_max)) return bad;
    if (const auto bad = check_codes(action.wards(), wards_max)) return bad;
    return check_dates(action);
}

std::uint64_t value_moved(const pb::OpenContract& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::OpenContract& action, const Context& context, Draft& draft) {
    if (!has_role(draft, context.account, pb::ROLE_AUTHORITY)) return Refusal::not_an_authority;
    if (action.contract().authority() != context.account)
        return Refusal::not_the_contracts_authority;
    if (draft.get(contract_key(action.contract()))) return Refusal::contract_exists;
    const auto parameters = draft.get_or_default(parameters_key());
    if (!are_dates_in_order(action, parameters, context.now)) return Refusal::dates_out_of_order;
    if (is_any_unit_worthless(action)) return Refusal::unit_value_zero;
    const auto allocation = allocation_of(action);
    if (!allocation) return allocation.error();

    // Decided: nothing below can fail.
    pb::Contract contract;
    contract.set_value_pence(action.value_pence());
    contract.set_allocation(allocation->hundredths());
    put_prices(contract, action);
    *contract.mutable_outcomes() = action.outcomes();
    *contract.mutable_wards() = action.wards();
    contract.set_bids_close(action.bids_close());
    contract.set_reveal_ends(action.bids_close() + parameters.reveal_seconds());
    contract.set_standstill_seconds(action.standstill_seconds());
    contract.set_redemption_deadline(action.redemption_deadline());
    contract.set_settling_ends(action.redemption_deadline() + parameters.settling_seconds());
    contract.set_opened_at(context.now);
    draft.put(contract_key(action.contract()), std::move(contract));
    return std::nullopt;
}

}  // namespace tallystick::ledger
