#include "ledger/redemptions.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "ledger/actions/form.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check_line_quantities(const LineQuantities& lines) {
    if (lines.empty() || static_cast<std::size_t>(lines.size()) > line_quantities_max)
        return Malformed::bad_size;
    for (const auto& line : lines) {
        if (const auto bad = check_hash(line.redemption())) return bad;
        if (const auto bad = check_quantity(line.quantity())) return bad;
    }
    // A line named twice would be tested twice against the same units.
    const auto place = [](const pb::LineQuantity& line) {
        return std::tuple<const std::string&, std::uint32_t>{line.redemption(), line.line()};
    };
    if (std::ranges::adjacent_find(lines, std::ranges::greater_equal{}, place) != lines.end())
        return Malformed::bad_order;
    return std::nullopt;
}

Verdict refuse_unless_requested(const pb::Redemption& redemption) {
    switch (redemption.status()) {
        case pb::REDEMPTION_STATUS_REQUESTED: return std::nullopt;
        case pb::REDEMPTION_STATUS_ACCEPTED:
        case pb::REDEMPTION_STATUS_DECLINED: return Refusal::already_answered;
        case pb::REDEMPTION_STATUS_CANCELLED:
        case pb::REDEMPTION_STATUS_LAPSED:
        case pb::REDEMPTION_STATUS_ENDED: return Refusal::redemption_ended;
        case pb::REDEMPTION_STATUS_UNSPECIFIED:
        case pb::RedemptionStatus_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::RedemptionStatus_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("a redemption has a status");
}

Verdict refuse_unless_accepted(const pb::Redemption& redemption) {
    switch (redemption.status()) {
        case pb::REDEMPTION_STATUS_ACCEPTED: return std::nullopt;
        case pb::REDEMPTION_STATUS_REQUESTED:
        case pb::REDEMPTION_STATUS_DECLINED: return Refusal::not_accepted;
        case pb::REDEMPTION_STATUS_CANCELLED:
        case pb::REDEMPTION_STATUS_LAPSED:
        case pb::REDEMPTION_STATUS_ENDED: return Refusal::redemption_ended;
        case pb::REDEMPTION_STATUS_UNSPECIFIED:
        case pb::RedemptionStatus_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::RedemptionStatus_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("a redemption has a status");
}

void move_line_quantities(Draft& draft, const LineQuantities& lines, pb::Cell from, pb::Cell to,
                          std::uint64_t at) {
    for (const auto& line : lines)
        move_units(draft, {line.redemption(), line.line()}, {from, to, line.quantity(), at});
}

std::uint64_t units_value(const StateView& view, LineRef ref, std::uint64_t quantity) {
    const auto line = view.get(redemption_line_key(ref.redemption, ref.number));
    if (!line) return 0;
    const auto unit_value = Amount::from(line->unit_value());
    const auto value = unit_value ? unit_value->times(quantity) : std::nullopt;
    return value ? value->hundredths() : Amount::hundredths_max;
}

std::uint64_t units_value(const StateView& view, const LineQuantities& lines) {
    std::uint64_t sum = 0;
    for (const auto& line : lines)
        sum =
            bounded_sum(sum, units_value(view, {line.redemption(), line.line()}, line.quantity()));
    return sum;
}

std::uint64_t outstanding_value(const StateView& view, std::string_view id) {
    const auto redemption = view.get(redemption_key(id));
    if (!redemption) return 0;
    std::uint64_t sum = 0;
    for (std::uint32_t number = 0; number < redemption->lines(); ++number) {
        const auto line = view.get(redemption_line_key(id, number));
        ensure(line != nullptr, "a redemption has all its lines");
        sum = bounded_sum(sum, units_value(view, {id, number}, line->cells().outstanding()));
    }
    return sum;
}

std::uint64_t bounded_sum(std::uint64_t a, std::uint64_t b) noexcept {
    return std::min(a + b, Amount::hundredths_max);
}

}  // namespace tallystick::ledger
