#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// A project says what it could use, for every bidder to see at the same moment.
/// Signs: the project.
///
/// Refusals, in order: unknown_contract; contract_not_open; not_accredited (now, on this contract);
/// unknown_resource (not in the price list); date_out_of_range (not after now, or not before the
/// redemption deadline); unknown_ward (not of its accreditation).
///
/// Effect: the need, under the envelope's id.
namespace tallystick::ledger {

/// Malformed, in order: bad_contract_id; bad_code (resource); bad_quantity; bad_time; bad_code
/// (ward).
[[nodiscard]] Form check(const pb::PublishNeed& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::PublishNeed& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::PublishNeed& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
