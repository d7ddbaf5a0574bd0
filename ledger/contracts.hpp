#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/pb.hpp"
#include "protocol/refusal.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

/// What a contract allows at a time, and the arithmetic by which it is opened. Pure functions.
namespace tallystick::ledger {

/// Before the redemption deadline and not closed. At the deadline it is late: no longer open.
[[nodiscard]] bool is_open(const pb::Contract& contract, std::uint64_t now) noexcept;

/// From the redemption deadline until it is closed.
[[nodiscard]] bool is_settling(const pb::Contract& contract, std::uint64_t now) noexcept;

/// Is `code` in a list that strictly ascends, as every list of codes in the state does?
[[nodiscard]] bool contains(const google::protobuf::RepeatedPtrField<std::string>& codes,
                            std::string_view code);

/// Is every one of `codes` in `all`? Both ascend.
[[nodiscard]] bool is_subset(const google::protobuf::RepeatedPtrField<std::string>& codes,
                             const google::protobuf::RepeatedPtrField<std::string>& all);

/// The resource in the contract's price list, or null. Lives as long as `contract`.
[[nodiscard]] const pb::PricedResource* find_price(const pb::Contract& contract,
                                                   std::string_view resource);

/// floor(hundredths per unit * (10000 - deadweight) / 10000): what one unit counts after what would
/// have happened anyway. May be 0, which opening refuses. @pre the item's form was checked.
[[nodiscard]] Amount unit_value_of(const pb::PriceItem& item);

/// The most that the contract may ever issue, in hundredths: fixed; or
/// floor(pence * basis points / (100 * pence per credit)); or that of the highest band that begins
/// at or below the contract's value. Refusals, in order: value_not_estimated (a rate or bands, and
/// no value), allocation_zero, allocation_too_large. @pre the action's form was checked.
[[nodiscard]] Result<Amount, Refusal> allocation_of(const pb::OpenContract& action);

}  // namespace tallystick::ledger
