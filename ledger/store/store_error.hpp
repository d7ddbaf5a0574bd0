#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace tallystick::ledger {

/// What kind of thing went wrong with a data folder. Stable: machines get the name.
enum class StoreFault : std::uint8_t {
    not_found = 1,      ///< no data folder there
    exists = 2,         ///< there is one already
    in_use = 3,         ///< another process has it open
    other_ledger = 4,   ///< it belongs to another ledger or chain
    newer_version = 5,  ///< written by a newer program
    damaged = 6,        ///< a record does not fit its hash, or is missing
    out_of_space = 7,   ///< the disk, or the store's map, is full
    input_output = 8,   ///< the system could not read or write
    read_only = 9,      ///< an earlier error stopped all writing; reads go on
    unfit = 10,         ///< what was handed over does not fit the chain; nothing was written
};

[[nodiscard]] std::string_view store_fault_name(StoreFault fault) noexcept;

/// What happened, to what, and what to do, in one sentence with the place in it.
struct StoreError {
    StoreFault fault;
    std::string what;
};

/// Stops the process with `what` on standard error: something damaged was met where nothing can be
/// told of it, as in the middle of a rule, and to go on would be to guess.
[[noreturn]] void stop_on_damage(std::string_view what) noexcept;

template <class T>
using StoreResult = Result<T, StoreError>;

}  // namespace tallystick::ledger
