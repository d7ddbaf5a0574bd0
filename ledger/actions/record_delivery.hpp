#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_hash (redemption), bad_quantity; bad_size unless 1 to 16 evidence tags; bad_hash (a tag);
/// bad_order unless they strictly ascend.
[[nodiscard]] Form check(const pb::RecordDelivery& action, const CheckContext& context);

/// Units times the line's unit value.
[[nodiscard]] std::uint64_t value_moved(const pb::RecordDelivery& action, const StateView& view,
                                        const Context& context);

/// The supplier records what it delivered: outstanding -> delivered. Signs: the redemption's
/// supplier. Refusals, in order: unknown_redemption, not_the_redemptions_supplier, not_accepted,
/// redemption_ended, contract_not_open, unknown_redemption_line, more_than_outstanding,
/// evidence_used (a tag counts once on the whole ledger: else one photograph would prove every
/// delivery).
/// Effect: the units move; each tag is used for ever.
[[nodiscard]] Verdict execute(const pb::RecordDelivery& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
