#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An authority proposes a change of what all of them share. Its proposal is its yes, unless the
/// change concerns it alone: then the others decide. With one authority a change is decided at
/// once. Signs: the authority, by its rule for changes of its policy.
///
/// Refusals, in order: not_an_authority; effective_too_late (more than 366 days ahead); for a
/// change that concerns one authority unknown_authority, too_few_authorities; then the change's
/// own, as its file under ledger/governance says.
///
/// Effect: the proposal, under the envelope's id; its ballots are counted.
namespace tallystick::ledger {

/// Malformed, in order: missing_field (no change); the change's own form; bad_time (not 0, which
/// means as soon as it is decided, and past the end of time).
[[nodiscard]] Form check(const pb::Propose& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::Propose& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::Propose& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
