#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// As check_line_quantities.
[[nodiscard]] Form check(const pb::VerifyDelivery& action, const CheckContext& context);

/// Units times unit values, together.
[[nodiscard]] std::uint64_t value_moved(const pb::VerifyDelivery& action, const StateView& view,
                                        const Context& context);

/// The authority verifies: confirmed -> retired. It counts as achieved, and is final. Signs: the
/// contract's authority. Also while settling. Refusals, for each line in turn: unknown_redemption,
/// not_the_contracts_authority, unknown_redemption_line, more_than_confirmed.
/// Effect: all the units move, or none.
[[nodiscard]] Verdict execute(const pb::VerifyDelivery& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
