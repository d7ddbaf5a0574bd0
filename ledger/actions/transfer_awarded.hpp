#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_hash (award), bad_quantity, bad_handle (to), to_oneself.
[[nodiscard]] Form check(const pb::TransferAwarded& action, const CheckContext& context);

/// Units times the line's unit value.
[[nodiscard]] std::uint64_t value_moved(const pb::TransferAwarded& action, const StateView& view,
                                        const Context& context);

/// A supplier passes whole units of an awarded line on to a project: available -> the project's
/// available. Signs: the award's supplier; with the contract's authority if `to` is another project
/// than the line's, or is not accredited on the contract. Refusals, in order:
/// - unknown_award, not_the_awards_supplier, award_not_issued, contract_not_open, unknown_line
/// - unknown_recipient, recipient_not_a_project (never to an authority or a supplier)
/// - on_the_other_side: the recipient is a supplier on this contract
/// - another_project_than_awarded: and the contract's authority has not signed
/// - not_on_the_contract: not accredited now, and the contract's authority has not signed
/// - insufficient_units: fewer are left on the line; balance_overflow
/// Effect: the credits move; the line counts the units as transferred; the recipient is a project
/// of this contract from now on; a line with nothing left has nothing to pass on.
[[nodiscard]] Verdict execute(const pb::TransferAwarded& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
