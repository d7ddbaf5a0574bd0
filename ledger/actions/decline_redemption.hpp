#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_hash (redemption), bad_reason.
[[nodiscard]] Form check(const pb::DeclineRedemption& action, const CheckContext& context);

/// What is outstanding.
[[nodiscard]] std::uint64_t value_moved(const pb::DeclineRedemption& action, const StateView& view,
                                        const Context& context);

/// The supplier declines: everything outstanding is released. Signs: the redemption's supplier.
/// Refusals, in order: unknown_redemption, not_the_redemptions_supplier, already_answered,
/// redemption_ended, contract_not_open.
/// Effect: outstanding -> released; declined, with the reason. Units within what the supplier's
/// issued awards promise and it has not accepted already (lines of one resource add up) are counted
/// as broken, on the line and in the promise.
[[nodiscard]] Verdict execute(const pb::DeclineRedemption& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
