#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// A supplier shows the lines that it sealed.
/// Signs: the supplier.
///
/// Refusals, in order: unknown_contract; bids_not_closed; reveal_over; no_bid; already_revealed;
/// seal_does_not_match; then for each line in turn those of `admit_line` (not_accredited,
/// unknown_outcome, unknown_ward, unknown_resource, date_out_of_range, amount_too_large, the last
/// also when the sum is).
///
/// Effect: the lines, numbered from 0.
namespace tallystick::ledger {

/// Malformed, in order: bad_contract_id; bad_hash (salt); the form of the lines.
[[nodiscard]] Form check(const pb::RevealLines& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::RevealLines& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::RevealLines& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
