#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An authority accredits a project that has applied, in place of any earlier grant.
/// Signs: the contract's authority.
///
/// Refusals, in order: unknown_contract; not_the_contracts_authority; contract_not_open;
/// no_application (nothing waits); unknown_outcome and unknown_ward (not the contract's; they need
/// not be those applied for); expiry_out_of_range (not after now, or after the redemption
/// deadline).
///
/// Effect: the grant is in force until it expires; the application is decided.
namespace tallystick::ledger {

/// Malformed, in order: bad_contract_id; bad_handle (project); the forms of outcomes and wards;
/// bad_time (expires); the form of the reason.
[[nodiscard]] Form check(const pb::Accredit& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::Accredit& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::Accredit& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
