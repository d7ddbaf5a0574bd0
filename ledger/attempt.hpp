#pragma once

#include "ledger/state_machine.hpp"

namespace tallystick::ledger {

/// What an attempt to execute an envelope knows beside the envelope.
struct AttemptContext {
    const LedgerId& ledger_id;
    const StateView& view;
    const DueIndex& due;
    std::uint64_t now = 0;
    bool overdue_remain = false;  ///< look for overdue items of what the envelope touches
    bool at_refusal_limit = false;
    bool signatures_matter = true;
};

/// What would become of an envelope. `changes` and `movements` are empty unless it is done.
struct Attempt {
    std::optional<Skip> skip;
    Verdict refusal;
    Changes changes;
    std::vector<pb::Movement> movements;
};

/// Everything but the question whether the id is used, in the order: wrong ledger, expired, too
/// distant, a named account unknown or its policy not satisfied, deadline pending, refusal limit;
/// then the action. Nothing is written.
[[nodiscard]] Attempt attempt(const DecodedEnvelope& envelope, const AttemptContext& context);

}  // namespace tallystick::ledger
