#include "ledger/contracts.hpp"

#include <algorithm>
#include <optional>

#include "ledger/actions/form.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

std::optional<std::uint64_t> by_rate(std::uint64_t pence, const pb::AllocationRate& rate) {
    // 100 * pence per credit fits: the form bounds it by 2^53 - 1.
    return multiply_divide(pence, rate.basis_points(), 100 * rate.pence_per_credit());
}

std::uint64_t by_bands(std::uint64_t pence, const pb::AllocationBands& bands) {
    std::uint64_t allocation = 0;
    for (const auto& band : bands.bands())
        if (band.from_pence() <= pence) allocation = band.allocation();
    return allocation;
}

/// Nothing if the amount does not fit 64 bits.
std::optional<std::uint64_t> hundredths_of(const pb::OpenContract& action) {
    switch (action.allocation_case()) {
        case pb::OpenContract::kAllocationFixed: return action.allocation_fixed();
        case pb::OpenContract::kAllocationRate:
            return by_rate(action.value_pence(), action.allocation_rate());
        case pb::OpenContract::kAllocationBands:
            return by_bands(action.value_pence(), action.allocation_bands());
        case pb::OpenContract::ALLOCATION_NOT_SET: break;
    }
    stop_on_bug("check() refuses a contract without an allocation");
}

}  // namespace

bool is_open(const pb::Contract& contract, std::uint64_t now) noexcept {
    return contract.closed_at() == 0 && now < contract.redemption_deadline();
}

bool is_settling(const pb::Contract& contract, std::uint64_t now) noexcept {
    return contract.closed_at() == 0 && now >= contract.redemption_deadline();
}

bool contains(const google::protobuf::RepeatedPtrField<std::string>& codes, std::string_view code) {
    return std::ranges::binary_search(
        codes, code, std::ranges::less{},
        [](const std::string& each) -> std::string_view { return each; });
}

bool is_subset(const google::protobuf::RepeatedPtrField<std::string>& codes,
               const google::protobuf::RepeatedPtrField<std::string>& all) {
    return std::ranges::includes(all, codes);
}

const pb::PricedResource* find_price(const pb::Contract& contract, std::string_view resource) {
    const auto code = [](const pb::PricedResource& each) -> std::string_view {
        return each.price().resource();
    };
    const auto& prices = contract.prices();
    const auto found = std::ranges::lower_bound(prices, resource, std::ranges::less{}, code);
    return found != prices.end() && code(*found) == resource ? &*found : nullptr;
}

Amount unit_value_of(const pb::PriceItem& item) {
    ensure(item.deadweight_basis_points() <= basis_points_max, "check() bounds deadweight");
    const auto value =
        multiply_divide(item.hundredths_per_unit(),
                        basis_points_max - item.deadweight_basis_points(), basis_points_max);
    const auto amount = value ? Amount::from(*value) : std::nullopt;
    ensure(amount.has_value(), "check() bounds the price, and deadweight only lowers it");
    return *amount;
}

Result<Amount, Refusal> allocation_of(const pb::OpenContract& action) {
    if (!action.has_allocation_fixed() && action.value_pence() == 0)
        return Failure{Refusal::value_not_estimated};
    const auto hundredths = hundredths_of(action);
    if (hundredths == 0) return Failure{Refusal::allocation_zero};
    const auto allocation = hundredths ? Amount::from(*hundredths) : std::nullopt;
    if (!allocation) return Failure{Refusal::allocation_too_large};
    return *allocation;
}

}  // namespace tallystick::ledger
