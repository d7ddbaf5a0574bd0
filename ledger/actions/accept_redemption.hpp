#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_hash (redemption), bad_time (date).
[[nodiscard]] Form check(const pb::AcceptRedemption& action, const CheckContext& context);

/// 0: nothing moves.
[[nodiscard]] std::uint64_t value_moved(const pb::AcceptRedemption& action, const StateView& view,
                                        const Context& context);

/// The supplier accepts for a day. Signs: the redemption's supplier. Refusals, in order:
/// - unknown_redemption, not_the_redemptions_supplier
/// - already_answered, redemption_ended
/// - contract_not_open
/// - date_out_of_range: before now, too long after it was wanted (a parameter), or not before the
///   deadline
/// Effect: accepted; what is outstanding counts as accepted of what is promised, and lapses if it
/// is still outstanding long after the agreed date (a parameter).
[[nodiscard]] Verdict execute(const pb::AcceptRedemption& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
