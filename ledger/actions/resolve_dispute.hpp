#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_hash (redemption), bad_quantity (either beyond 2^53 - 1, or both 0).
[[nodiscard]] Form check(const pb::ResolveDispute& action, const CheckContext& context);

/// Units times the line's unit value, all that is resolved.
[[nodiscard]] std::uint64_t value_moved(const pb::ResolveDispute& action, const StateView& view,
                                        const Context& context);

/// The authority resolves all that is disputed on a line: units to the project -> released (while
/// settling -> expired), units to retire -> retired. Signs: the contract's authority; with the
/// project if units are retired that it never confirmed. Refusals, in order: unknown_redemption,
/// not_the_contracts_authority, unknown_redemption_line, nothing_disputed, not_all_disputed,
/// project_has_not_signed.
/// Effect: disputed-confirmed units are retired first.
[[nodiscard]] Verdict execute(const pb::ResolveDispute& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
