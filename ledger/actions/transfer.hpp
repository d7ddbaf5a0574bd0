#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_contract_id, bad_claim, bad_amount, bad_handle (to), to_oneself, bad_hash (reference).
[[nodiscard]] Form check(const pb::Transfer& action, const CheckContext& context);

/// The amount.
[[nodiscard]] std::uint64_t value_moved(const pb::Transfer& action, const StateView& view,
                                        const Context& context);

/// A project passes credits of one claim on: available -> the other project's available. The
/// busiest action. Signs: the project; with the contract's authority if `to` is not accredited on
/// the contract. Refusals, in order:
/// - unknown_contract, contract_not_open
/// - supplier_may_not_transfer: the acting account is a supplier on this contract
/// - unknown_recipient, recipient_not_a_project (never to an authority or a supplier)
/// - on_the_other_side: the recipient is a supplier on this contract
/// - not_on_the_contract: not accredited now, and the contract's authority has not signed
/// - insufficient_credits, balance_overflow
/// Effect: the credits move; the recipient is a project of this contract from now on.
[[nodiscard]] Verdict execute(const pb::Transfer& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
