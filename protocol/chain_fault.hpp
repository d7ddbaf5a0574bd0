#pragma once

#include <cstdint>
#include <string_view>

namespace tallystick {

/// Why a header, commit or validator set is not believed.
enum class ChainFault : std::uint8_t {
    // form
    incomplete = 1,         ///< a part of header or commit is missing, or a hash has a wrong length
    bad_height = 2,         ///< below 1
    bad_time = 3,           ///< before 1970, after 9999, or no nanoseconds
    bad_version = 4,        ///< a block version other than 11
    bad_validator_set = 5,  ///< empty, too large, unsorted, repeated, or powers out of bounds
    // commit
    height_mismatch = 10,        ///< commit and header are of different heights
    block_id_mismatch = 11,      ///< the commit signs another header
    validators_mismatch = 12,    ///< the set is not the one that the header names
    wrong_number_of_slots = 13,  ///< not one signature slot a validator
    wrong_address = 14,          ///< a slot's address is not that of its validator
    slot_not_blank = 15,         ///< a slot that does not count holds something
    bad_slot = 16,  ///< a slot without a flag, timestamp or signature of the right form
    false_signature = 17,
    too_few_signatures = 18,  ///< not more than two thirds of the power
    // from a trusted block to the next
    other_chain = 30,
    height_not_increasing = 31,
    time_not_increasing = 32,
    next_validators_mismatch = 33,  ///< the set is not the one that the trusted header announced
    not_enough_trust = 34,          ///< not more than a third of the trusted power signed
    trust_expired = 35,             ///< the trusted header is older than the trusting period
    from_the_future = 36,
};

/// Stable name for machines, such as `too_few_signatures`.
[[nodiscard]] std::string_view chain_fault_name(ChainFault fault) noexcept;
/// One plain sentence for people.
[[nodiscard]] std::string_view chain_fault_sentence(ChainFault fault) noexcept;

}  // namespace tallystick
