#include "node/engine/publisher.hpp"

#include <chrono>

#include "node/answers.hpp"
#include "protocol/envelope.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::node {

Hash app_hash_of(const pb::AppState& state) {
    const auto state_root = Hash::from(state.state_root());
    const auto log_root = Hash::from(state.log_root());
    ensure(state_root && log_root, "roots have 32 bytes");
    return app_hash(*state_root, *log_root, state.log_size());
}

std::string segment_end_sentence(const SegmentEnd& end) {
    const auto last = std::to_string(end.last);
    const auto ends = "The authorities have handed the ledger over: this segment ends with block " +
                      last + " and nothing new is taken. ";
    if (end.height < end.last)
        return ends + "This node is at block " + std::to_string(end.height) +
               ": leave it running until it has them all.";
    if (end.headers < end.last)
        return ends + "The signatures under block " + last +
               " are not here yet: leave the node running.";
    return ends +
           "This node has all of it. Once every authority's node says so, stop it, run tallyd "
           "handover, and start it again.";
}

std::optional<std::string> Publisher::write(const ExecutedBlock& block) {
    const auto begun = std::chrono::steady_clock::now();
    if (const auto appended = store_.append(block.to_store, *block.encoded, block.advanced);
        !appended)
        return appended.error().what;
    read_side_.publish_moment(block.advanced.moment,
                              static_cast<std::uint64_t>(block.to_store.time.seconds()));
    if (const auto applied = store_.apply(*block.encoded, block.to_store.height); !applied)
        return applied.error().what;
    counters_.commit_microseconds +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                       std::chrono::steady_clock::now() - begun)
                                       .count());
    return std::nullopt;
}

std::shared_ptr<const BlockEvent> Publisher::show(const ExecutedBlock& block) {
    const auto& result = block.encoded->result;
    const auto event = std::make_shared<BlockEvent>();
    event->height = block.to_store.height;
    event->time_ms = milliseconds_of(block.to_store.time);
    event->entries.reserve(result.entries.size());
    for (std::size_t i = 0; i < result.entries.size(); ++i) {
        event->entries.push_back(std::make_shared<const LoggedEntry>(
            LoggedEntry{block.encoded, result.entries[i], block.encoded->entries[i].bytes,
                        block.advanced.first_entry + i}));
    }
    for (std::size_t i = 0; i < result.due_items; ++i)
        if (result.entries[i].outcome().status() == pb::STATUS_DONE) ++counters_.due_done;

    Head head;
    head.height = block.to_store.height;
    head.time_ms = event->time_ms;
    head.header_hash = block.to_store.block_hash;
    head.app_state = block.advanced.app_state;
    head.app_hash = app_hash_of(head.app_state);
    // Readable before anything is answered: who is told "done" and asks at once must find it.
    read_side_.publish_block(head, event);
    if (block.to_store.header != nullptr) read_side_.publish_headers(head.height);
    return event;
}

Answer Publisher::answer(const BlockEvent& event, const ledger::EnvelopeResult& became,
                         const EnvelopeId& id, bool first) {
    if (became.entry) {
        auto answer = logged_answer(event.entries[*became.entry], first);
        if (!first)
            ++counters_.repeated;
        else
            ++(answer.status == AnswerStatus::done ? counters_.done : counters_.refused);
        return answer;
    }
    if (*became.skip == Skip::id_used) {
        if (auto logged = read_side_.lookup(id)) {
            ++counters_.repeated;
            return logged_answer(std::make_shared<const LoggedEntry>(std::move(*logged)), false);
        }
    }
    ++counters_.skipped;
    return skipped_answer(*became.skip, id);
}

}  // namespace tallystick::node
