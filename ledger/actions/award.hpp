#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An authority awards: lines that the supplier revealed, by their numbers, or lines that it
/// co-signs, from wherever they come. Their value is set aside from the allocation until the
/// standstill ends, when it is issued (a due item).
/// Signs: the contract's authority; for co-signed lines the supplier too.
///
/// Refusals, in order: unknown_contract; not_the_contracts_authority; contract_not_open;
/// not_a_supplier (unknown or without that role); on_the_other_side (it is a project on this
/// contract); standstill_too_short (less than the contract's); standstill_after_deadline (not
/// before it); then
/// - with revealed lines: reveal_not_over; no_bid (none, or not revealed); for each number in turn
///   unknown_line, line_already_awarded, not_accredited (its project no longer is), and
///   amount_too_large when the sum is;
/// - with co-signed lines: bids_not_closed; supplier_has_not_signed; for each line in turn those of
///   `admit_line` (not_accredited, unknown_outcome, unknown_ward, unknown_resource,
///   date_out_of_range, amount_too_large, the last also when the sum is);
/// and allocation_exceeded (awarded + issued + this award).
///
/// Effect: the award in standstill and its lines, under the envelope's id; revealed lines bear it;
/// the account is on the supplier side of this contract for ever.
namespace tallystick::ledger {

/// Malformed, in order: bad_contract_id; bad_handle (supplier); missing_field (neither revealed nor
/// co-signed lines); bad_size (both); the form of the numbers or of the lines; bad_time.
[[nodiscard]] Form check(const pb::Award& action, const CheckContext& context);

/// The total value of its lines; 0 where a line or its price is unknown; never above 2^53 - 1.
[[nodiscard]] std::uint64_t value_moved(const pb::Award& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::Award& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
