#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_hash (redemption), bad_quantity, bad_enum (from neither delivered nor confirmed),
/// bad_reason.
[[nodiscard]] Form check(const pb::Dispute& action, const CheckContext& context);

/// Units times the line's unit value.
[[nodiscard]] std::uint64_t value_moved(const pb::Dispute& action, const StateView& view,
                                        const Context& context);

/// A party disputes a delivery: delivered -> disputed-delivered, or confirmed ->
/// disputed-confirmed. Signs: the project, the supplier or the contract's authority. Refusals, in
/// order: unknown_redemption, not_a_party, unknown_redemption_line, dispute_window_over (settling
/// has ended), more_than_delivered or more_than_confirmed.
[[nodiscard]] Verdict execute(const pb::Dispute& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
