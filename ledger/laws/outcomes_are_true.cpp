#include "ledger/laws/laws.hpp"

namespace tallystick::ledger {

namespace {

std::optional<std::string> bad_outcome(const pb::LogEntry& entry) {
    const auto& outcome = entry.outcome();
    const bool refused = outcome.status() == pb::STATUS_REFUSED;
    if (!refused && outcome.status() != pb::STATUS_DONE) return "an entry without an outcome";
    if (refused != (outcome.refusal() != 0)) return "a refusal without its number, or the reverse";
    if (refused && !outcome.movements().empty()) return "a refused envelope moved credits";
    return std::nullopt;
}

/// Entries of the ledger itself stand first, in the order in which they fell due.
std::optional<std::string> bad_due_entry(const pb::LogEntry& entry, const pb::LogEntry* before,
                                         const ExecutedBlock& block) {
    const auto& due = entry.outcome().due();
    if (!entry.outcome().has_due() || entry.valid_until() != 0)
        return "a due item without its mark";
    if (due.time() > block.input.now) return "a due item before its time";
    if (due_id(block.ledger_id, due.time(), due.kind(), due.object()).text() != entry.id())
        return "a due item under another id";
    if (before == nullptr) return std::nullopt;
    const auto& last = before->outcome().due();
    if (last.time() == due.time() && last.kind() == due.kind() && before->id() == entry.id())
        return "a due item done twice";
    return std::nullopt;
}

bool ends_segment(const ExecutedBlock& block) {
    const auto handover = block.before.get(handover_key());
    return handover && handover->initial_height() == block.input.height + 1;
}

}  // namespace

std::optional<Breach> OutcomesAreTrue::check_block(const ExecutedBlock& block) const {
    const auto& result = block.result;
    if (ends_segment(block) && !(result.entries.empty() && result.changes.empty()))
        return breach(handover_key().bytes, "the last block of a segment left something");
    bool any_effect = false;
    for (std::size_t i = 0; i < result.entries.size(); ++i) {
        const auto& entry = result.entries[i];
        if (auto what = bad_outcome(entry)) return breach(entry.id(), std::move(*what));
        if (entry.height() != block.input.height || entry.time() != block.input.now ||
            entry.index() != i)
            return breach(entry.id(), "an entry of another block or place");
        if (i < result.due_items) {
            const auto* before = i == 0 ? nullptr : &result.entries[i - 1];
            if (auto what = bad_due_entry(entry, before, block))
                return breach(entry.id(), std::move(*what));
        } else if (entry.outcome().has_due()) {
            return breach(entry.id(), "a due item after envelopes");
        }
        any_effect =
            any_effect || i < result.due_items || entry.outcome().status() == pb::STATUS_DONE;
    }
    if (!any_effect && !result.changes.empty())
        return breach(result.changes.begin()->first, "changed although nothing was done");

    std::size_t entries = result.due_items;
    std::set<EnvelopeId> ids;
    for (std::size_t i = 0; i < result.envelopes.size(); ++i) {
        const auto& answer = result.envelopes[i];
        const auto& envelope = *block.input.envelopes[i];
        if (answer.skip.has_value() == answer.entry.has_value())
            return breach(envelope.id.text(), "neither skipped nor answered, or both");
        if (answer.skip) continue;
        if (*answer.entry != entries || entries >= result.entries.size() ||
            result.entries[entries].id() != envelope.id.text())
            return breach(envelope.id.text(), "answered by another entry");
        if (!ids.insert(envelope.id).second)
            return breach(envelope.id.text(), "an envelope took effect twice");
        if (envelope.body.valid_until() < block.input.now ||
            envelope.body.ledger_id() != block.ledger_id.text())
            return breach(envelope.id.text(), "taken after its time, or of another ledger");
        ++entries;
    }
    if (entries != result.entries.size())
        return breach(result.entries.back().id(), "an entry that no envelope asked for");
    return std::nullopt;
}

}  // namespace tallystick::ledger
