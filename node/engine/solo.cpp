#include "node/engine/solo.hpp"

#include <algorithm>
#include <unordered_map>

#include "node/answers.hpp"
#include "node/engine/bundle.hpp"
#include "protocol/block.hpp"
#include "protocol/commit.hpp"
#include "protocol/envelope.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick::node {
namespace {

/// CometBFT's number for the step at which a validator commits itself to a block.
constexpr std::int32_t precommit_step = 3;

/// How long the writer sleeps at most: a clock that is set must not be slept through.
constexpr std::chrono::milliseconds sleep_max{1000};

/// How long the empty block that proves the last one waits for envelopes in verification.
constexpr std::chrono::milliseconds proof_wait{2};

/// Encoding is shared out only where there is something to share.
constexpr std::size_t entries_per_part_min = 128;
constexpr std::size_t parts_max = 16;

/// Envelope hashes are uniform already: any 8 bytes of one are a good hash of it.
struct HashOfHash {
    std::size_t operator()(const Hash& hash) const noexcept {
        std::size_t value = 0;
        for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8 | hash.bytes[i];
        return value;
    }
};

}  // namespace

std::uint64_t system_milliseconds() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

SoloEngine::SoloEngine(const Parts& parts, SoloOptions options)
    : store_(parts.store),
      read_side_(parts.read_side),
      key_(parts.key),
      more_is_coming_(parts.more_is_coming),
      answer_(parts.answer),
      spread_(parts.spread),
      writer_mutex_(parts.writer_mutex),
      options_(std::move(options)),
      validators_(parts.store.segment_validators()),
      address_(address_of(parts.key.public_key())),
      copier_(parts.store) {}

SoloEngine::~SoloEngine() {
    if (thread_.joinable()) stop();
}

void SoloEngine::start() {
    height_ = store_.height();
    settled_ = height_;
    time_ms_ = milliseconds_of(store_.block_time());
    app_hash_ = app_hash_of(store_.app_state());
    ensure(store_.sign_state().height == height_ ||
               height_ + 1 == store_.segments().back().first_height,
           "block and sign-state become durable together: the folder is not of one piece");
    note_state();
    // The first block of the ledger or of its segment makes what it begins with provable.
    proof_wanted_ = height_ + 1 == store_.segments().back().first_height;
    if (!proof_wanted_) {
        const auto newest = read_side_.block(height_);
        ensure(newest.ok(), "the newest block was checked when the store was opened");
        last_commit_ = newest->commit();
        last_block_id_ = newest->commit().block_id();
        last_bundles_ = static_cast<std::size_t>(newest->bundles_size());
        proof_wanted_ = newest->header().app_hash() != app_hash_.text();
    }
    committer_ = std::make_unique<Committer>(
        store_, read_side_,
        Committer::Hooks{answer_,
                         [this](Job job) {
                             const std::lock_guard lock{mutex_};
                             inbox_bytes_ += bundled_bytes(job.size_bytes);
                             inbox_.push_front(std::move(job));
                         },
                         [this] {
                             // Under the lock, so that the writer cannot miss it between looking
                             // and sleeping.
                             const std::lock_guard lock{mutex_};
                             wake_.notify_all();
                         }});
    thread_ = std::thread{[this] { work(); }};
}

void SoloEngine::offer(std::vector<Job> jobs) {
    {
        const std::lock_guard lock{mutex_};
        if (!stopped_) {
            for (auto& job : jobs) {
                inbox_bytes_ += bundled_bytes(job.size_bytes);
                inbox_.push_back(std::move(job));
            }
            jobs.clear();
        }
    }
    wake_.notify_all();
    for (auto& job : jobs) answer_(job, unavailable_answer());
}

void SoloEngine::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (committer_) committer_->finish();
    copier_.finish();
    refuse_rest();
}

std::optional<std::string> SoloEngine::fault() const {
    return committer_ ? committer_->fault() : std::nullopt;
}

EngineMetrics SoloEngine::metrics() const {
    EngineMetrics metrics;
    metrics.due_items = due_items_;
    metrics.overdue = overdue_;
    metrics.blocks = blocks_;
    metrics.empty_blocks = empty_blocks_;
    metrics.execute_microseconds = execute_microseconds_;
    if (committer_) {
        const auto& counters = committer_->counters();
        metrics.done = counters.done;
        metrics.refused = counters.refused;
        metrics.skipped = counters.skipped;
        metrics.repeated = counters.repeated;
        metrics.due_done = counters.due_done;
        metrics.commit_microseconds = counters.commit_microseconds;
    }
    return metrics;
}

void SoloEngine::work() {
    while (const auto reason = wait_for_reason()) {
        if (committer_->fault()) {
            refuse_rest();
            continue;
        }
        make(*reason);
    }
}

std::optional<SoloEngine::Reason> SoloEngine::wait_for_reason() {
    std::unique_lock lock{mutex_};
    for (;;) {
        if (!committer_->has_room()) {
            wake_.wait(lock);
            continue;
        }
        if (const auto reason = reason_now(lock)) return reason;
        // A job that must be offered again may still come back from the committer.
        if (stopping_ && committer_->is_idle() && inbox_.empty()) return std::nullopt;
        // What is in verification may turn out to be nothing for a block.
        const auto sleep = proof_wanted_ ? proof_wait : until_deadline().value_or(sleep_max);
        wake_.wait_for(lock, sleep);
    }
}

std::optional<SoloEngine::Reason> SoloEngine::reason_now(std::unique_lock<std::mutex>& lock) {
    if (last_height_ != 0 || not_executable_) {
        // The segment's last block is empty; nothing comes after it, nor from a program that does
        // not know the rules in force.
        refuse_ended(lock);
        if (committer_->fault() || not_executable_ || height_ >= last_height_) return std::nullopt;
        return Reason::proof;
    }
    if (!inbox_.empty()) {
        if (!stopping_) gather(lock);
        return Reason::envelopes;
    }
    if (committer_->fault()) return std::nullopt;
    const bool proof_now = proof_wanted_ && !more_is_coming_();
    if (stopping_) return proof_now ? std::optional{Reason::proof} : std::nullopt;
    const auto deadline = until_deadline();
    if (more_due_ || (deadline && deadline->count() == 0)) return Reason::deadline;
    if (proof_now) return Reason::proof;
    // Whoever follows the head must see a header within the trusting period.
    if (options_.clock() >= time_ms_ + quiet_ms_max_) return Reason::silence;
    return std::nullopt;
}

void SoloEngine::gather(std::unique_lock<std::mutex>& lock) {
    const auto until = std::chrono::steady_clock::now() + options_.gather;
    while (inbox_.size() < options_.block_envelopes_max &&
           inbox_bytes_ < options_.block_bytes_max && more_is_coming_() && !stopping_) {
        if (wake_.wait_until(lock, until) == std::cv_status::timeout) return;
    }
}

std::optional<std::chrono::milliseconds> SoloEngine::until_deadline() const {
    const auto* first = store_.due().first();
    if (!first) return std::nullopt;
    const auto due_ms = first->time * 1000;
    const auto now_ms = std::max(options_.clock(), time_ms_ + 1);
    if (due_ms <= now_ms) return std::chrono::milliseconds{0};
    return std::min(sleep_max, std::chrono::milliseconds{due_ms - now_ms});
}

void SoloEngine::cut(SignedBlock& block) {
    const std::lock_guard lock{mutex_};
    std::unordered_map<Hash, std::size_t, HashOfHash> places;
    std::size_t size_bytes = 0;
    while (!inbox_.empty() && block.jobs.size() < options_.block_envelopes_max) {
        auto& next = inbox_.front();
        const auto next_bytes = bundled_bytes(next.size_bytes);
        if (!block.jobs.empty() && size_bytes + next_bytes > options_.block_bytes_max) break;
        inbox_bytes_ -= next_bytes;
        // The very same envelope twice, perhaps through two connections, is ordered once. By the
        // hash of the whole envelope: a copy with other signatures must not stand for the good one.
        const auto [place, is_new] =
            places.try_emplace(next.envelope->envelope_hash, block.jobs.size());
        if (is_new) {
            size_bytes += next_bytes;
            block.jobs.push_back(std::move(next));
        } else {
            block.repeats.emplace_back(place->second, std::move(next));
        }
        inbox_.pop_front();
    }
}

void SoloEngine::make(Reason reason) {
    const auto begun = std::chrono::steady_clock::now();
    SignedBlock block;
    if (reason == Reason::envelopes) cut(block);
    const auto now_ms = options_.clock();
    block.height = height_ + 1;
    block.time_ms = std::max(now_ms, time_ms_ + 1);
    execute(block, reason);
    sign(block, now_ms);
    note_after(block);
    execute_microseconds_ +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                       std::chrono::steady_clock::now() - begun)
                                       .count());
    committer_->push(std::move(block));
    copier_.copy_if_due(height_);
}

void SoloEngine::execute(SignedBlock& block, Reason reason) {
    std::vector<ledger::VerifiedEnvelope> envelopes;
    envelopes.reserve(block.jobs.size());
    for (const auto& job : block.jobs) envelopes.push_back(job.envelope);
    // The empty block that makes the last one provable has no bundle; anything else is ordered in
    // one, a tick if need be.
    if (reason != Reason::proof)
        block.bundles.push_back(
            make_bundle(envelopes, {store_.chain_id(), block.time_ms, ++bundle_counter_}, key_));

    const std::lock_guard lock{writer_mutex_};
    if (const auto applied = committer_->applied(); applied != settled_) {
        store_.settle(applied);
        settled_ = applied;
    }
    auto result = ledger::execute_block(
        store_.ledger_id(), store_.view(), store_.used_ids(), store_.due(),
        ledger::BlockInput{block.height, block.time_ms / 1000, envelopes, {}, store_.chain_id()});
    more_due_ = result.more_due;
    const auto encoded =
        std::make_shared<ledger::EncodedBlock>(ledger::begin_encoding(std::move(result)));
    const auto parts =
        std::clamp<std::size_t>(encoded->entries.size() / entries_per_part_min, 1, parts_max);
    spread_(parts,
            [&](std::size_t part) { ledger::encode_part(*encoded, envelopes, part, parts); });
    block.advanced =
        store_.advance(encoded, block.height, timestamp_from_milliseconds(block.time_ms));
    block.encoded = encoded;
    due_items_ = store_.due().size();
    note_state();
}

void SoloEngine::note_state() {
    const auto parameters = store_.view().get(parameters_key());
    ensure(parameters != nullptr, "a ledger has parameters");
    quiet_ms_max_ = parameters->trusting_period_seconds() * 1000 / 3;
    const auto handover = store_.view().get(handover_key());
    if (handover && handover->initial_height() > store_.segments().back().first_height)
        last_height_ = handover->initial_height() - 1;
    const auto why = ledger::why_not_executable(store_.view());
    const std::lock_guard lock{mutex_};
    not_executable_ = why;
}

void SoloEngine::sign(SignedBlock& block, std::uint64_t now_ms) {
    BlockParts parts;
    parts.chain_id = store_.chain_id();
    parts.height = static_cast<std::int64_t>(block.height);
    parts.time = timestamp_from_milliseconds(block.time_ms);
    parts.last_block_id = last_block_id_;
    parts.last_commit = last_commit_;
    parts.bundles = block.bundles;
    parts.validators = validators_;
    parts.next_validators = validators_;
    parts.app_hash = app_hash_;
    parts.last_results = last_bundles_;
    parts.proposer = address_;
    auto made = make_block(parts);
    const auto header_hash = Hash::from(made.block_id.hash());
    ensure(header_hash.has_value(), "a header's hash has 32 bytes");
    block.header_hash = *header_hash;
    block.commit = sign_commit(CommitFor{parts.chain_id, parts.height, 0, made.block_id}, key_,
                               timestamp_from_milliseconds(std::max(now_ms, block.time_ms + 1)));
    block.header = std::move(made.header);
    block.sign_state = {block.height, 0, precommit_step};
    last_block_id_ = std::move(made.block_id);
}

void SoloEngine::note_after(const SignedBlock& block) {
    height_ = block.height;
    time_ms_ = block.time_ms;
    last_commit_ = block.commit;
    last_bundles_ = block.bundles.size();
    const auto app_hash_after = app_hash_of(block.advanced->app_state);
    proof_wanted_ = app_hash_after != app_hash_;
    app_hash_ = app_hash_after;
    ++blocks_;
    if (block.bundles.empty()) ++empty_blocks_;
    const auto* first = store_.due().first();
    overdue_ = first && first->time <= time_ms_ / 1000;
}

void SoloEngine::refuse_ended(std::unique_lock<std::mutex>& lock) {
    std::deque<Job> rest;
    rest.swap(inbox_);
    inbox_bytes_ = 0;
    const bool has_ended = last_height_ != 0;
    lock.unlock();
    for (auto& job : rest) {
        auto answer = has_ended ? segment_ended_answer() : unavailable_answer();
        answer.id = job.envelope->id;
        answer_(job, std::move(answer));
    }
    lock.lock();
}

std::vector<std::string> SoloEngine::not_ready() const {
    std::vector<std::string> reasons;
    if (const auto last = last_height_.load(); last != 0)
        reasons.push_back(
            segment_end_sentence({last, read_side_.head().height, read_side_.headers_until()}));
    const std::lock_guard lock{mutex_};
    if (not_executable_) reasons.push_back(*not_executable_);
    return reasons;
}

void SoloEngine::refuse_rest() {
    std::deque<Job> rest;
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
        rest.swap(inbox_);
        inbox_bytes_ = 0;
    }
    for (auto& job : rest) answer_(job, unavailable_answer());
}

}  // namespace tallystick::node
