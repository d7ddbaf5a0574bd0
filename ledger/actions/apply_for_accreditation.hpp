#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// A project applies to a contract, for some of its outcomes and wards. It may apply again at any
/// time when no application waits; a grant stays in force meanwhile.
/// Signs: the project.
///
/// Refusals, in order: not_a_project; unknown_contract; contract_not_open; on_the_other_side (it is
/// the contract's supplier); unknown_outcome; unknown_ward; application_waiting.
///
/// Effect: the application waits for the contract's authority; the account is on the project side
/// of this contract for ever.
namespace tallystick::ledger {

/// Malformed, in order: bad_contract_id; the forms of outcomes and wards; bad_hash (reference).
[[nodiscard]] Form check(const pb::ApplyForAccreditation& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::ApplyForAccreditation& action,
                                        const StateView& view, const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::ApplyForAccreditation& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
