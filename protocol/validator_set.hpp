#pragma once

#include <cstdint>
#include <optional>

#include "protocol/chain_fault.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

namespace tallystick {

inline constexpr int validators_max = 256;
/// As in CometBFT, so that sums and products by 3 fit 64 bits.
inline constexpr std::int64_t total_power_max = INT64_MAX / 8;

/// Sorts by power descending, then address ascending: the order that is hashed and signed in.
void sort_validators(pb::ValidatorSet& validators);

/// Checks a set from outside and gives its total power. Faults: bad_validator_set (none, too many,
/// a key that no authority may have, a power below 1, not sorted, a key twice, too much power).
[[nodiscard]] Result<std::int64_t, ChainFault> check_validators(const pb::ValidatorSet& validators);

/// Tree over `0A 22 0A 20 key 10 power` in the order given.
[[nodiscard]] Hash validators_hash(const pb::ValidatorSet& validators);

/// Address of the validator's key; nothing unless the key has 32 bytes.
[[nodiscard]] std::optional<ValidatorAddress> address_of(const pb::Validator& validator);

/// Strictly more than two thirds of `total` (integer division, as in CometBFT).
/// @pre both in 0 to `total_power_max`.
[[nodiscard]] bool is_two_thirds_majority(std::int64_t power, std::int64_t total) noexcept;

/// Strictly more than a third of `total`. @pre both in 0 to `total_power_max`.
[[nodiscard]] bool is_over_a_third(std::int64_t power, std::int64_t total) noexcept;

}  // namespace tallystick
