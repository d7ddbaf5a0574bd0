#pragma once

#include <string>
#include <utility>

#include "protocol/result.hpp"

namespace tallystick::wallet {

/// Exit codes of `tally`. Scripts rely on them: append, never renumber.
enum class Exit : int {
    done = 0,
    failed = 1,
    usage = 2,
    cancelled = 3,
    locked = 4,   ///< not allowed, or the key cannot be opened
    refused = 5,  ///< the ledger refused; the refusal's name is printed
    no_node = 6,  ///< no node answered
    waiting = 8,  ///< a colleague's approval is needed
    interrupted = 130,
};

/// Why something could not be done: for machines a stable code, for people what happened, to what,
/// and what to do. Never holds anything of a key or a passphrase.
struct Problem {
    Exit exit = Exit::failed;
    std::string code;
    std::string message;
};

/// A value, or why there is none.
template <class T>
using Try = Result<T, Problem>;

/// A `Problem` ready to be returned.
[[nodiscard]] inline Failure<Problem> problem(Exit exit, std::string code, std::string message) {
    return Failure<Problem>{Problem{exit, std::move(code), std::move(message)}};
}

}  // namespace tallystick::wallet
