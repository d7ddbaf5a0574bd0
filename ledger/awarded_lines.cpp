#include "ledger/awarded_lines.hpp"

#include <utility>

#include "ledger/contracts.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

std::uint64_t units_left(const pb::AwardedLine& line) {
    const auto gone = line.transferred() + line.passed_on() + line.returned();
    ensure(gone <= line.line().quantity(), "no more units leave a line than it has");
    return line.line().quantity() - gone;
}

Amount value_of(const pb::AwardedLine& line, std::uint64_t quantity) {
    const auto unit_value = Amount::from(line.unit_value());
    const auto value = unit_value ? unit_value->times(quantity) : std::nullopt;
    ensure(value.has_value(), "a line's value was bounded when it was awarded");
    return *value;
}

std::uint64_t awarded_value(const StateView& view, std::string_view award, std::uint32_t number,
                            std::uint64_t quantity) {
    const auto line = view.get(awarded_line_key(award, number));
    if (!line) return 0;
    const auto unit_value = Amount::from(line->unit_value());
    const auto value = unit_value ? unit_value->times(quantity) : std::nullopt;
    return value ? value->hundredths() : Amount::hundredths_max;
}

Result<IssuedLine, Refusal> find_issued_line(const StateView& view, const Context& context,
                                             std::string_view award, std::uint32_t number) {
    const auto record = view.get(award_key(award));
    if (!record) return Failure{Refusal::unknown_award};
    if (record->claim().supplier() != context.account)
        return Failure{Refusal::not_the_awards_supplier};
    if (record->status() != pb::AWARD_STATUS_ISSUED) return Failure{Refusal::award_not_issued};
    const auto contract = view.get(contract_key(record->claim().contract()));
    ensure(contract != nullptr, "an award names a contract that was opened");
    if (!is_open(*contract, context.now)) return Failure{Refusal::contract_not_open};
    const auto line = view.get(awarded_line_key(award, number));
    if (!line) return Failure{Refusal::unknown_line};
    return IssuedLine{record, line};
}

void put_line(Draft& draft, std::string_view award, std::uint32_t number, pb::AwardedLine line) {
    if (units_left(line) == 0) line.set_pass_on_at(0);
    draft.put(awarded_line_key(award, number), std::move(line));
}

}  // namespace tallystick::ledger
