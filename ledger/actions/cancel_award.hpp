#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An authority cancels an award before its standstill ends, for instance after a challenge.
/// Signs: the contract's authority.
///
/// Refusals, in order: unknown_award; not_the_contracts_authority; award_not_in_standstill (issued,
/// cancelled, or the standstill is over).
///
/// Effect: its value goes back to the allocation; its revealed lines can be awarded again or
/// withdrawn.
namespace tallystick::ledger {

/// Malformed, in order: bad_hash (award); the form of the reason.
[[nodiscard]] Form check(const pb::CancelAward& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::CancelAward& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::CancelAward& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
