#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An authority declines a project's waiting application. A grant already in force stays so.
/// Signs: the contract's authority.
///
/// Refusals, in order: unknown_contract; not_the_contracts_authority; contract_not_open;
/// no_application.
///
/// Effect: the application is gone and its reason stands; the project may apply again.
namespace tallystick::ledger {

/// Malformed, in order: bad_contract_id; bad_handle (project); the form of the reason.
[[nodiscard]] Form check(const pb::DeclineApplication& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::DeclineApplication& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::DeclineApplication& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
