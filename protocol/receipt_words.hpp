#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/receipt.hpp"

/// What a verified receipt says, in plain English.
namespace tallystick {

/// Several lines: what is proved, by whom, as of when. Amounts as `12,345.00 credits`. The age is
/// said only if `now_seconds` is given; a time in the future is said, not judged.
[[nodiscard]] std::string receipt_in_words(const VerifiedReceipt& receipt,
                                           std::optional<std::uint64_t> now_seconds = std::nullopt);

/// What an envelope asked the ledger to do, from its body alone, without a full stop: `transfer
/// 120.00 credits ... to suffolk/food-bank`. Goes behind "asked to".
[[nodiscard]] std::string action_in_words(const pb::Body& body);

/// A movement of credits, without a full stop.
[[nodiscard]] std::string movement_in_words(const pb::Movement& movement);

/// What the ledger does by itself when this item is due, without a full stop.
[[nodiscard]] std::string due_in_words(const pb::DueItem& due);

/// A state key as people say it, such as `the balance of suffolk/food-bank from ...`.
/// @pre `is_well_formed(key)`.
[[nodiscard]] std::string key_in_words(const ParsedKey& key);

/// `contract OCID lot LOT of AUTHORITY`.
[[nodiscard]] std::string contract_in_words(const pb::ContractId& contract);

/// Text from outside made safe to print: everything but printable ASCII becomes `?`, so that no
/// receipt can move a reader's cursor or add a line.
[[nodiscard]] std::string printable(std::string_view text);

/// `12,345.00 credits`. A number no amount can be is said to be so.
[[nodiscard]] std::string credits_in_words(std::uint64_t hundredths);

}  // namespace tallystick
