#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_contract_id, bad_claim, bad_amount.
[[nodiscard]] Form check(const pb::ReturnCredits& action, const CheckContext& context);

/// The amount.
[[nodiscard]] std::uint64_t value_moved(const pb::ReturnCredits& action, const StateView& view,
                                        const Context& context);

/// A project gives credits back: available -> returned. Issued never falls, and no allocation is
/// freed. Signs: the project. Refusals, in order: unknown_contract, contract_not_open,
/// supplier_may_not_transfer (a supplier returns awarded lines, with the authority),
/// insufficient_credits, balance_overflow.
[[nodiscard]] Verdict execute(const pb::ReturnCredits& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
