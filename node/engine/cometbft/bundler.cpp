#include "node/engine/cometbft/bundler.hpp"

#include <algorithm>
#include <utility>

#include "node/answers.hpp"

namespace tallystick::node {
namespace {

/// Node key, chain id, time, counter, signature and their lengths: well below this.
constexpr std::size_t bundle_frame_bytes = 512;
/// How long the thread sleeps at most: a clock that is set must not be slept through.
constexpr std::uint64_t sleep_ms_max = 1000;

}  // namespace

Bundler::Bundler(Parts parts, BundlerOptions options)
    : parts_(std::move(parts)), options_(options), last_block_ms_(parts_.clocks.steady_ms()) {}

Bundler::~Bundler() {
    stop();
}

std::optional<Answer> Bundler::cannot_take() const {
    if (stopped_ || parts_.application.fault()) return unavailable_answer();
    if (parts_.application.last_height()) return segment_ended_answer();
    if (!parts_.application.is_current_node(parts_.key.public_key())) return observer_answer();
    if (stalled_) return no_progress_answer();
    return std::nullopt;
}

void Bundler::offer(std::vector<Job> jobs) {
    std::optional<Answer> refusal;
    {
        const std::lock_guard lock{mutex_};
        refusal = cannot_take();
        const auto now = parts_.clocks.steady_ms();
        for (auto& job : jobs) {
            if (refusal) break;
            const auto hash = job.envelope->envelope_hash;
            const auto [place, is_new] = entries_.try_emplace(hash);
            if (is_new) {
                place->second.envelope = job.envelope;
                place->second.since_ms = now;
                waiting_.push_back(hash);
            }
            place->second.jobs.push_back(std::move(job));
        }
    }
    if (!refusal) return parts_.wake();
    for (auto& job : jobs) {
        auto answer = *refusal;
        answer.id = job.envelope->id;
        parts_.answer(job, std::move(answer));
    }
}

std::uint64_t Bundler::poll() {
    const auto now = parts_.clocks.steady_ms();
    note_progress(now);
    answer_what_cannot_go();
    cut_all(now);
    order_tick_if_due(now);
    ring_if_late(now);
    send_all(now);
    const std::lock_guard lock{mutex_};
    return next_poll(now);
}

bool Bundler::waits_for_turn() const {
    return entries_.size() >= options_.busy && parts_.application.block_follows();
}

/// How long an envelope waits for others to share its bundle.
std::uint64_t Bundler::patience() const {
    if (waits_for_turn()) return options_.turn;
    return outstanding_.empty() ? options_.gather : options_.step;
}

bool Bundler::should_cut(std::uint64_t now_ms) {
    // Those that a block brought meanwhile, or that are in a bundle already.
    while (!waiting_.empty()) {
        const auto found = entries_.find(waiting_.front());
        if (found != entries_.end() && !found->second.bundle) break;
        waiting_.pop_front();
    }
    if (stopped_ || waiting_.empty() || outstanding_.size() >= options_.outstanding_max)
        return false;
    const auto since = entries_.at(waiting_.front()).since_ms;
    if (since > now_ms) return false;  // refused a moment ago
    if (waiting_.size() >= bundle_envelopes_max) return true;
    if (now_ms - since >= patience()) return true;
    if (waits_for_turn()) return false;
    return outstanding_.empty() ? !parts_.more_is_coming() : block_came_;
}

std::vector<ledger::VerifiedEnvelope> Bundler::gather() {
    std::vector<ledger::VerifiedEnvelope> chosen;
    std::size_t bytes = bundle_frame_bytes;
    while (!waiting_.empty() && chosen.size() < bundle_envelopes_max) {
        const auto found = entries_.find(waiting_.front());
        if (found != entries_.end() && !found->second.bundle) {
            const auto more = bundled_bytes(found->second.envelope->bytes.size());
            if (bytes + more > bundle_bytes_max) break;
            bytes += more;
            found->second.bundle = Hash{};  // it is on its way into one
            chosen.push_back(found->second.envelope);
        }
        waiting_.pop_front();
    }
    return chosen;
}

void Bundler::make(std::vector<ledger::VerifiedEnvelope> envelopes, std::uint64_t now_ms,
                   std::uint64_t send_at_ms) {
    auto bytes = std::make_shared<const std::string>(
        make_bundle(envelopes, {parts_.chain_id, parts_.clocks.wall_ms(), ++counter_}, parts_.key));
    Outstanding made;
    made.made_ms = now_ms;
    made.send_at_ms = send_at_ms;
    made.envelopes.reserve(envelopes.size());
    for (const auto& envelope : envelopes) made.envelopes.push_back(envelope->envelope_hash);
    parts_.pool.add_own(*bytes, std::move(envelopes));
    const auto hash = sha256(*bytes);
    made.bytes = std::move(bytes);

    const std::lock_guard lock{mutex_};
    for (const auto& envelope : made.envelopes)
        if (const auto found = entries_.find(envelope); found != entries_.end())
            found->second.bundle = hash;
    outstanding_.emplace(hash, std::move(made));
    outstanding_order_.push_back(hash);
}

void Bundler::cut_all(std::uint64_t now_ms) {
    for (;;) {
        std::vector<ledger::VerifiedEnvelope> envelopes;
        auto send_at = now_ms;
        {
            const std::lock_guard lock{mutex_};
            if (!should_cut(now_ms)) {
                block_came_ = false;
                return;
            }
            if (waits_for_turn())
                send_at = std::max(now_ms, entries_.at(waiting_.front()).since_ms + options_.turn);
            envelopes = gather();
        }
        if (envelopes.empty()) return;
        make(std::move(envelopes), now_ms, send_at);
    }
}

std::vector<std::shared_ptr<const std::string>> Bundler::propose() {
    const auto now = parts_.clocks.steady_ms();
    for (;;) {
        std::vector<ledger::VerifiedEnvelope> envelopes;
        {
            const std::lock_guard lock{mutex_};
            if (stopped_ || outstanding_.size() >= options_.outstanding_max) break;
            envelopes = gather();
        }
        if (envelopes.empty()) break;
        make(std::move(envelopes), now, now + options_.turn);
    }
    std::vector<std::shared_ptr<const std::string>> bundles;
    const std::lock_guard lock{mutex_};
    for (const auto& hash : outstanding_order_)
        if (const auto found = outstanding_.find(hash); found != outstanding_.end())
            bundles.push_back(found->second.bytes);
    return bundles;
}

void Bundler::send_all(std::uint64_t now_ms) {
    std::vector<std::pair<Hash, std::shared_ptr<const std::string>>> to_send;
    {
        const std::lock_guard lock{mutex_};
        std::vector<Hash> too_old;
        std::erase_if(outstanding_order_,
                      [&](const Hash& hash) { return !outstanding_.contains(hash); });
        for (const auto& hash : outstanding_order_) {
            const auto& bundle = outstanding_.at(hash);
            if (now_ms - bundle.made_ms >= options_.renew)
                too_old.push_back(hash);
            else if (bundle.send_at_ms <= now_ms)
                to_send.emplace_back(hash, bundle.bytes);
        }
        for (const auto& hash : too_old) take_back(hash);
    }
    for (const auto& [hash, bytes] : to_send) {
        const auto sent = parts_.client.submit_bundle(*bytes);
        const std::lock_guard lock{mutex_};
        const auto found = outstanding_.find(hash);
        if (found == outstanding_.end()) continue;  // a block has it already
        found->second.send_at_ms = now_ms + (sent ? options_.resend : options_.retry);
        found->second.is_sent = found->second.is_sent || sent;
        if (sent) continue;
        switch (sent.error()) {
            // Made anew with another time: what stood against it may have been its age.
            case SubmitFault::refused: take_back(hash); break;
            // The others would fare no better now.
            case SubmitFault::unreachable:
            case SubmitFault::full: return;
        }
    }
}

void Bundler::take_back(const Hash& bundle) {
    const auto found = outstanding_.find(bundle);
    if (found == outstanding_.end()) return;
    const auto retry_from = parts_.clocks.steady_ms() + options_.retry;
    for (const auto& envelope : found->second.envelopes) {
        const auto entry = entries_.find(envelope);
        if (entry == entries_.end() || entry->second.bundle != bundle) continue;
        entry->second.bundle.reset();
        // Not at once: what refused it refuses it again.
        entry->second.since_ms = retry_from;
        waiting_.push_back(envelope);
    }
    outstanding_.erase(found);
}

void Bundler::order_tick_if_due(std::uint64_t now_ms) {
    const auto& application = parts_.application;
    {
        const std::lock_guard lock{mutex_};
        if (stopped_ || now_ms < next_tick_ms_ || !outstanding_.empty()) return;
    }
    if (application.last_height() || application.fault() ||
        !application.is_current_node(parts_.key.public_key()) || application.height() == 0)
        return;
    const auto wall = parts_.clocks.wall_ms();
    const auto turn = application.rank_of(parts_.key.public_key()) * options_.tick_stagger;
    const auto due = application.first_due();
    // Whoever follows the head must see a header within the trusting period.
    const bool is_silent = wall >= application.block_time_ms() + application.quiet_ms_max() + turn;
    if (!is_silent && !(due && *due * 1000 + turn <= wall)) return;
    next_tick_ms_ = now_ms + options_.tick_pause;
    make({}, now_ms, now_ms);
}

/// An engine that begins takes nothing from the others' mempools for a while, and they do not offer
/// it the same again. Where its vote is needed and the proposer is down, the others then wait for
/// it and it for something to order. A new bundle reaches it.
void Bundler::ring_if_late(std::uint64_t now_ms) {
    const auto& application = parts_.application;
    if (application.last_height() || application.fault() ||
        !application.is_current_node(parts_.key.public_key()))
        return;
    {
        const std::lock_guard lock{mutex_};
        if (ring_pause_ms_ == 0) {
            ring_pause_ms_ = options_.ring;
            rung_ms_ = last_block_ms_;
        }
        // Ticks are every node's: who lacks this node's makes its own.
        const auto is_old = [&](const auto& bundle) {
            return !bundle.second.envelopes.empty() &&
                   bundle.second.made_ms + options_.ring <= now_ms;
        };
        if (stopped_ || now_ms < rung_ms_ + ring_pause_ms_ ||
            !std::ranges::any_of(outstanding_, is_old))
            return;
        rung_ms_ = now_ms;
        ring_pause_ms_ = std::min(2 * ring_pause_ms_, options_.renew);
    }
    make({}, now_ms, now_ms);
}

void Bundler::engine_began() {
    {
        const std::lock_guard lock{mutex_};
        const auto now = parts_.clocks.steady_ms();
        for (auto& [hash, bundle] : outstanding_) bundle.send_at_ms = now + options_.retry;
    }
    parts_.wake();
}

std::uint64_t Bundler::next_poll(std::uint64_t now_ms) {
    auto wait = sleep_ms_max;
    const auto until = [&](std::uint64_t at) {
        wait = std::min(wait, at > now_ms ? at - now_ms : std::uint64_t{1});
    };
    for (const auto& [hash, bundle] : outstanding_) until(bundle.send_at_ms);
    if (!waiting_.empty() && outstanding_.size() < options_.outstanding_max) {
        const auto found = entries_.find(waiting_.front());
        if (found != entries_.end()) until(found->second.since_ms + patience());
    }
    if (const auto due = parts_.application.first_due()) {
        const auto wall = parts_.clocks.wall_ms();
        const auto at = *due * 1000 +
                        parts_.application.rank_of(parts_.key.public_key()) * options_.tick_stagger;
        until(now_ms + (at > wall ? at - wall : std::uint64_t{0}));
        if (at <= wall) until(std::max(next_tick_ms_, now_ms + options_.tick_stagger));
    }
    return std::max<std::uint64_t>(wait, 1);
}

bool Bundler::makes_progress() const {
    return !stalled_;
}

std::size_t Bundler::waiting_envelopes() const {
    const std::lock_guard lock{mutex_};
    return entries_.size();
}

std::size_t Bundler::outstanding_bundles() const {
    const std::lock_guard lock{mutex_};
    return outstanding_.size();
}

}  // namespace tallystick::node
