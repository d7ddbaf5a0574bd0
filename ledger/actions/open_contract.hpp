#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An authority opens a contract: allocation, price list, outcomes, wards and dates, fixed for
/// ever; the unit values are worked out here, once.
/// Signs: the authority that the contract's id names.
///
/// Refusals, in order: not_an_authority; not_the_contracts_authority (the id names another);
/// contract_exists; dates_out_of_order (bids do not close after now, or the time to reveal and the
/// standstill do not end before the redemption deadline); unit_value_zero; value_not_estimated;
/// allocation_zero; allocation_too_large.
///
/// Effect: the contract, with the windows that the parameters say now: a later change of a
/// parameter does not move them.
namespace tallystick::ledger {

/// Malformed, in order: bad_contract_id; bad_amount (value above 2^53 - 1 pence); missing_field (no
/// allocation); bad_amount (fixed: not an amount; a rate: basis points not 1 to 10000, or pence per
/// credit not 1 to 2^53 - 1); for bands bad_size (not 1 to 64), bad_amount, bad_order; for prices
/// bad_size (not 1 to 512), bad_code, bad_enum, bad_amount (price not an amount, deadweight above
/// 10000), bad_order; the forms of outcomes and wards; bad_time (bids close, standstill, deadline;
/// a standstill may be 0).
[[nodiscard]] Form check(const pb::OpenContract& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::OpenContract& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::OpenContract& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
