#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// A project takes a need back.
/// Signs: the project that published it.
///
/// Refusals, in order: unknown_need; not_your_need; contract_not_open.
///
/// Effect: the need is gone.
namespace tallystick::ledger {

/// Malformed: bad_hash.
[[nodiscard]] Form check(const pb::WithdrawNeed& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::WithdrawNeed& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::WithdrawNeed& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
