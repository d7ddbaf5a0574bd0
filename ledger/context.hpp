#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/refusal.hpp"
#include "protocol/types.hpp"

namespace tallystick::ledger {

/// What a rule knows beside the state: who acts, with whose agreement, and when. `account` and
/// `co_signers` have satisfied their policies. Views into the envelope being executed; valid during
/// that call.
struct Context {
    const LedgerId& ledger_id;
    std::string_view id;  ///< the envelope's id, 32 bytes; objects that it creates bear it
    std::string_view account;
    const std::vector<std::string>& co_signers;
    std::uint64_t now;  ///< the block's seconds

    /// Has this account agreed, as the acting one or by co-signing?
    [[nodiscard]] bool has_signed(std::string_view who) const {
        return account == who || std::ranges::find(co_signers, who) != co_signers.end();
    }
};

/// An action's answer: nothing when it was done.
using Verdict = std::optional<Refusal>;

}  // namespace tallystick::ledger
