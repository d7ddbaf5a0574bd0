#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// A supplier takes back what nobody has awarded: a seal, or its revealed lines.
/// Signs: the supplier.
///
/// Refusals, in order: unknown_contract; contract_not_open; no_bid; line_already_awarded (every
/// line that is left is awarded).
///
/// Effect: the seal is gone, or the revealed lines that are not awarded; the bid itself goes when
/// no line is left.
namespace tallystick::ledger {

/// Malformed: bad_contract_id.
[[nodiscard]] Form check(const pb::WithdrawLines& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::WithdrawLines& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::WithdrawLines& action, const Context& context,
                              Draft& draft);

}  // namespace tallystick::ledger
