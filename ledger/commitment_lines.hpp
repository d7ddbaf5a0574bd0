#pragma once

#include <cstdint>
#include <string_view>

#include "ledger/state_view.hpp"
#include "protocol/refusal.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

/// What revealing and awarding ask of a commitment line.
namespace tallystick::ledger {

/// The contract that lines are committed to, as it stands in the state.
struct Tender {
    const pb::ContractId& id;
    const pb::Contract& contract;
};

/// What a line counts: quantity times unit value. Refusals, in order: unknown_resource (not in the
/// price list), amount_too_large (above 2^53 - 1 hundredths).
[[nodiscard]] Result<Amount, Refusal> value_of_line(const pb::Contract& contract,
                                                    const pb::CommitmentLine& line);

/// May this line be committed at `now`, and what does it count? Refusals, in order: not_accredited
/// (the project, on this contract, now), unknown_outcome and unknown_ward (not of the project's
/// grant), unknown_resource, date_out_of_range (due not after now, or not before the redemption
/// deadline), amount_too_large.
[[nodiscard]] Result<Amount, Refusal> admit_line(const StateView& view, const Tender& tender,
                                                 const pb::CommitmentLine& line, std::uint64_t now);

/// The same for every line in turn; their total, or amount_too_large as soon as a sum is.
[[nodiscard]] Result<Amount, Refusal> admit_lines(
    const StateView& view, const Tender& tender,
    const google::protobuf::RepeatedPtrField<pb::CommitmentLine>& lines, std::uint64_t now);

}  // namespace tallystick::ledger
