#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/receipt.hpp"

/// What a verified receipt says, in plain English.
namespace tallystick {

/// Several lines: what is proved, by whom, as of when. Amounts as `12,345.00 credits`. The age is
/// said only if `now_seconds` is given; a time in the future is said, not judged.
[[nodiscard]] std::string receipt_in_words(const VerifiedReceipt& receipt,
                                           std::optional<std::uint64_t> now_seconds = std::nullopt);

/// One sentence: what the envelope asks the ledger to do. What a wallet shows before signing, too.
[[nodiscard]] std::string body_in_words(const pb::Body& body);

/// One sentence: a movement of credits.
[[nodiscard]] std::string movement_in_words(const pb::Movement& movement);

/// One sentence: a due item that the ledger did by itself.
[[nodiscard]] std::string due_in_words(const pb::DueItem& due);

}  // namespace tallystick
