#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// A supplier bids: only the hash of its commitment lines, so that no bidder can copy another's.
/// Sealing again before bids close replaces the seal.
/// Signs: the supplier.
///
/// Refusals, in order: not_a_supplier; unknown_contract; bids_closed; on_the_other_side (it is a
/// project on this contract).
///
/// Effect: the sealed bid; the account is on the supplier side of this contract for ever.
namespace tallystick::ledger {

/// Malformed, in order: bad_contract_id; bad_hash.
[[nodiscard]] Form check(const pb::SealLines& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::SealLines& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::SealLines& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
