#pragma once

#include "ledger/draft.hpp"
#include "protocol/types.hpp"

/// What awards in standstill take from a contract's allocation before anything is issued. The
/// totals of the contract and of the supplier's claim keep it side by side.
namespace tallystick::ledger {

/// Do awarded + issued + `value` stay within the contract's allocation?
[[nodiscard]] bool fits_allocation(const StateView& view, const pb::ContractId& contract,
                                   Amount value);

/// Sets `value` of the allocation aside for the claim's supplier.
/// @pre it fits.
void set_aside(Draft& draft, const pb::Claim& claim, Amount value);

/// Gives back what was set aside: the award was cancelled, or its credits are about to be issued.
/// @pre at least `value` is set aside for the claim.
void give_back(Draft& draft, const pb::Claim& claim, Amount value);

}  // namespace tallystick::ledger
