#include <algorithm>
#include <utility>

#include "node/answers.hpp"
#include "node/engine/cometbft/bundler.hpp"
#include "node/log.hpp"

/// What becomes of those who wait: an outcome when a block has their envelope, or the reason why
/// none comes.
namespace tallystick::node {

/// The authorities may have voted this node out, or the segment may have ended, since an envelope
/// was taken: no block would ever bring what it waits for.
void Bundler::answer_what_cannot_go() {
    Answered answered;
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.empty()) return;
        const bool has_ended = parts_.application.last_height().has_value();
        if (!has_ended && parts_.application.is_current_node(parts_.key.public_key())) return;
        for (const auto& hash : std::exchange(waiting_, {})) {
            const auto found = entries_.find(hash);
            if (found == entries_.end() || found->second.bundle) continue;
            release(found->second, has_ended ? segment_ended_answer() : observer_answer(),
                    answered);
            entries_.erase(found);
        }
    }
    answer_all(answered);
}

void Bundler::note_progress(std::uint64_t now_ms) {
    Answered answered;
    {
        const std::lock_guard lock{mutex_};
        const auto is_late = [&](const Hash& hash) {
            const auto found = outstanding_.find(hash);
            return found != outstanding_.end() &&
                   now_ms - std::min(now_ms, found->second.made_ms) >= options_.stalled;
        };
        const bool block_is_late = now_ms - std::min(now_ms, last_block_ms_) >= options_.stalled;
        // Only a block ends it: a bundle that is made anew does not.
        if (entries_.empty() && outstanding_.empty()) stalled_ = false;
        if (stalled_ || !block_is_late || !std::ranges::any_of(outstanding_order_, is_late)) return;
        stalled_ = true;
        // Their bundles stay where they are: when the network goes on they are ordered, and whoever
        // asks again gets that outcome.
        for (auto& [hash, entry] : entries_) release(entry, no_progress_answer(), answered);
    }
    log_event(LogLevel::error, "no_progress",
              {{"height", std::to_string(parts_.application.height())},
               {"envelopes_waiting", std::to_string(answered.size())}});
    answer_all(answered);
}

void Bundler::committed(const CommittedBlock& block) {
    Answered answered;
    {
        const std::lock_guard lock{mutex_};
        last_block_ms_ = parts_.clocks.steady_ms();
        stalled_ = false;
        ring_pause_ms_ = 0;
        std::unordered_map<Hash, Outstanding, FirstBytesOfHash> ours;
        for (const auto& hash : block.bundle_hashes)
            if (auto node = outstanding_.extract(hash)) ours.insert(std::move(node));
        for (std::size_t i = 0; !entries_.empty() && i < block.envelopes.size(); ++i) {
            const auto found = entries_.find(block.envelopes[i]->envelope_hash);
            if (found == entries_.end()) continue;
            const bool is_ours = found->second.bundle && ours.contains(*found->second.bundle);
            settle(found->second, block.results[i], is_ours, block, answered);
            if (found->second.jobs.empty()) entries_.erase(found);
        }
        block_came_ = true;
        // Neither a turn nor a block without one may come now: everybody shall have them.
        if (!waits_for_turn())
            for (auto& [hash, bundle] : outstanding_)
                if (!bundle.is_sent)
                    bundle.send_at_ms = std::min(bundle.send_at_ms, last_block_ms_);
        // What is left of our bundles was passed over: this node's key is not the ledger's any
        // more.
        for (const auto& [hash, bundle] : ours) {
            for (const auto& envelope : bundle.envelopes) {
                const auto found = entries_.find(envelope);
                if (found == entries_.end() || found->second.bundle != hash) continue;
                release(found->second,
                        skipped_answer(Skip::unknown_node, found->second.envelope->id), answered);
                entries_.erase(found);
            }
        }
    }
    answer_all(answered);
    parts_.wake();
}

void Bundler::settle(Entry& entry, const ledger::EnvelopeResult& became, bool is_ours,
                     const CommittedBlock& block, Answered& answered) {
    auto jobs = std::exchange(entry.jobs, {});
    if (became.skip == Skip::deadline_pending) {
        // The deadline runs in this block or one soon after it; then the envelope's time has come.
        for (auto& job : jobs) {
            if (++job.offers <= Publisher::offers_max)
                entry.jobs.push_back(std::move(job));
            else
                answered.emplace_back(std::move(job),
                                      skipped_answer(*became.skip, entry.envelope->id));
        }
        entry.since_ms = last_block_ms_;
        if (entry.bundle) waiting_.push_back(entry.envelope->envelope_hash);
        entry.bundle.reset();
        return;
    }
    bool is_first = is_ours;
    for (auto& job : jobs) {
        auto answer = parts_.publisher.answer(block.event, became, entry.envelope->id, is_first);
        is_first = false;
        answered.emplace_back(std::move(job), std::move(answer));
    }
}

void Bundler::release(Entry& entry, const Answer& why, Answered& answered) {
    for (auto& job : std::exchange(entry.jobs, {})) {
        auto answer = why;
        answer.id = entry.envelope->id;
        answered.emplace_back(std::move(job), std::move(answer));
    }
}

void Bundler::answer_all(Answered& answered) {
    for (auto& [job, answer] : answered) parts_.answer(job, std::move(answer));
}

void Bundler::stop() {
    Answered answered;
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
        for (auto& [hash, entry] : entries_) release(entry, unavailable_answer(), answered);
        entries_.clear();
        waiting_.clear();
        outstanding_.clear();
        outstanding_order_.clear();
    }
    answer_all(answered);
}

}  // namespace tallystick::node
