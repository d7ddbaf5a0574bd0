#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An authority closes a contract on which nothing is left to do.
/// Signs: the contract's authority.
///
/// Refusals, in order: unknown_contract; not_the_contracts_authority; contract_closed;
/// contract_not_settling (the redemption deadline is still to come); awards_in_standstill;
/// credits_outstanding (something is available, reserved, disputed or confirmed).
///
/// Effect: the contract is closed; nothing happens on it ever after.
namespace tallystick::ledger {

/// Malformed: bad_contract_id.
[[nodiscard]] Form check(const pb::CloseContract& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::CloseContract& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::CloseContract& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
