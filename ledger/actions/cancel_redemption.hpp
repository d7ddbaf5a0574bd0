#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_hash (redemption); bad_size unless 1 to 64 lines; bad_order unless strictly ascending.
[[nodiscard]] Form check(const pb::CancelRedemption& action, const CheckContext& context);

/// What is outstanding on the lines.
[[nodiscard]] std::uint64_t value_moved(const pb::CancelRedemption& action, const StateView& view,
                                        const Context& context);

/// What is outstanding of some lines is released. Signs: the project alone before acceptance and
/// after the agreed date; between them project and supplier, whoever acts. Refusals, in order:
/// - unknown_redemption, not_your_redemption (neither project nor supplier)
/// - project_must_agree: the supplier acts and the project has not signed
/// - redemption_ended, contract_not_open
/// - supplier_must_agree: accepted, not past the agreed date, and the supplier has not signed
/// - for each line in turn: unknown_redemption_line, nothing_outstanding
/// Effect: outstanding -> released, back to available; what had been accepted can be asked for
/// again.
[[nodiscard]] Verdict execute(const pb::CancelRedemption& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
