#include "ledger/attempt.hpp"

namespace tallystick::ledger {

Preview preview(const LedgerId& ledger_id, const StateView& state, const UsedIds& used,
                const DueIndex& due, const DecodedEnvelope& envelope, std::uint64_t now,
                bool signatures_matter) {
    Preview answer;
    if (used.contains(envelope.id, envelope.body.valid_until())) {
        answer.skip = Skip::id_used;
        return answer;
    }
    const auto* first = due.first();
    AttemptContext context{ledger_id, state, due};
    context.now = now;
    context.overdue_remain = first != nullptr && first->time <= now;
    context.signatures_matter = signatures_matter;

    auto made = attempt(envelope, context);
    answer.skip = made.skip;
    if (made.skip) return answer;
    auto& outcome = answer.outcome.emplace();
    outcome.set_status(made.refusal ? pb::STATUS_REFUSED : pb::STATUS_DONE);
    if (made.refusal) outcome.set_refusal(static_cast<std::uint32_t>(*made.refusal));
    for (auto& movement : made.movements) *outcome.add_movements() = std::move(movement);
    return answer;
}

}  // namespace tallystick::ledger
