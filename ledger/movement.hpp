#pragma once

#include <string_view>

#include "ledger/context.hpp"
#include "ledger/draft.hpp"

namespace tallystick::ledger {

/// Where credits stand: a pocket of an account. For ISSUE, RETIRED, EXPIRED and RETURNED the
/// account says whose they were; nobody holds them.
struct Place {
    std::string_view account;
    pb::Pocket pocket;
};

/// Moves `amount` of credits of one claim, and is the only function that changes a balance or a
/// total: the two balances, the claim's totals and the contract's totals move together, and the
/// outcome gets the movement. A balance of which nothing is left is deleted. What an account gives
/// back or lets expire unspent is also counted in its participant record, for reports.
/// Refusals, in order: insufficient_credits, balance_overflow.
/// @pre the amount is positive; from and to differ; `to` is not ISSUE, and `from` is ISSUE or one
///      of the four pockets of a balance.
[[nodiscard]] Verdict move_credits(Draft& draft, const pb::Claim& claim, Place from, Place to,
                                   Amount amount);

}  // namespace tallystick::ledger
