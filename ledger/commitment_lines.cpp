#include "ledger/commitment_lines.hpp"

#include "ledger/accreditation.hpp"
#include "ledger/contracts.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Result<Amount, Refusal> value_of_line(const pb::Contract& contract,
                                      const pb::CommitmentLine& line) {
    const auto* price = find_price(contract, line.resource());
    if (price == nullptr) return Failure{Refusal::unknown_resource};
    const auto unit_value = Amount::from(price->unit_value());
    ensure(unit_value.has_value(), "a contract opens with unit values that are amounts");
    const auto value = unit_value->times(line.quantity());
    if (!value) return Failure{Refusal::amount_too_large};
    return *value;
}

Result<Amount, Refusal> admit_line(const StateView& view, const Tender& tender,
                                   const pb::CommitmentLine& line, std::uint64_t now) {
    const auto grant = grant_at(view, tender.id, line.project(), now);
    if (!grant) return Failure{Refusal::not_accredited};
    if (!contains(grant->outcomes(), line.outcome())) return Failure{Refusal::unknown_outcome};
    if (!contains(grant->wards(), line.ward())) return Failure{Refusal::unknown_ward};
    if (find_price(tender.contract, line.resource()) == nullptr)
        return Failure{Refusal::unknown_resource};
    if (line.due() <= now || line.due() >= tender.contract.redemption_deadline())
        return Failure{Refusal::date_out_of_range};
    return value_of_line(tender.contract, line);
}

Result<Amount, Refusal> admit_lines(
    const StateView& view, const Tender& tender,
    const google::protobuf::RepeatedPtrField<pb::CommitmentLine>& lines, std::uint64_t now) {
    Amount total;
    for (const auto& line : lines) {
        const auto value = admit_line(view, tender, line, now);
        if (!value) return value;
        const auto sum = total.plus(*value);
        if (!sum) return Failure{Refusal::amount_too_large};
        total = *sum;
    }
    return total;
}

}  // namespace tallystick::ledger
