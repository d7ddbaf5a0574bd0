#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An authority says yes or no to a proposal, once and for good.
/// Signs: the authority, by its rule for changes of its policy.
///
/// Refusals, in order: not_an_authority; unknown_proposal; proposal_not_open; proposer_left;
/// concerns_your_authority; already_voted.
///
/// Effect: the ballot; then all are counted.
namespace tallystick::ledger {

/// Malformed, in order: bad_hash (the proposal); bad_enum (neither yes nor no).
[[nodiscard]] Form check(const pb::Vote& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::Vote& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::Vote& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
