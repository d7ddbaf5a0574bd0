#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// As check_line_quantities.
[[nodiscard]] Form check(const pb::ConfirmDelivery& action, const CheckContext& context);

/// Units times unit values, together.
[[nodiscard]] std::uint64_t value_moved(const pb::ConfirmDelivery& action, const StateView& view,
                                        const Context& context);

/// The project confirms what really came: delivered -> confirmed. Signs: the redemptions' project.
/// Also while settling, and whatever became of its accreditation. Refusals, for each line in turn:
/// unknown_redemption, not_your_redemption, unknown_redemption_line, more_than_delivered.
/// Effect: all the units move, or none.
[[nodiscard]] Verdict execute(const pb::ConfirmDelivery& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
