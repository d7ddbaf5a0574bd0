#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_hash (award), bad_quantity.
[[nodiscard]] Form check(const pb::ReturnAwarded& action, const CheckContext& context);

/// Units times the line's unit value.
[[nodiscard]] std::uint64_t value_moved(const pb::ReturnAwarded& action, const StateView& view,
                                        const Context& context);

/// A supplier gives whole units of an awarded line back: available -> returned. Signs: the award's
/// supplier with the contract's authority, else a supplier could unmake its promise. Refusals, in
/// order: unknown_award, not_the_awards_supplier, award_not_issued, contract_not_open,
/// unknown_line, authority_has_not_signed, insufficient_units, balance_overflow.
/// Effect: the credits move; the line counts the units as returned; they are promised no more; a
/// line with nothing left has nothing to pass on.
[[nodiscard]] Verdict execute(const pb::ReturnAwarded& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
