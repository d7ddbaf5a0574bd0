#include "node/engine/committer.hpp"

#include <chrono>

#include "node/answers.hpp"
#include "node/log.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::node {
namespace {

/// How often a job is offered again while deadlines are caught up with. Each block runs a thousand
/// of them; whoever waits longer than this is told.
constexpr unsigned offers_max = 200;

Head head_of(const SignedBlock& block) {
    Head head;
    head.height = block.height;
    head.time_ms = block.time_ms;
    head.header_hash = block.header_hash;
    head.app_state = block.advanced->app_state;
    const auto state_root = Hash::from(head.app_state.state_root());
    const auto log_root = Hash::from(head.app_state.log_root());
    ensure(state_root && log_root, "roots have 32 bytes");
    head.app_hash = app_hash(*state_root, *log_root, head.app_state.log_size());
    const bool changed_nothing = block.header.app_hash() == head.app_hash.text();
    head.provable_height = changed_nothing ? block.height : block.height - 1;
    return head;
}

}  // namespace

Committer::Committer(ledger::Store& store, ReadSide& read_side, Hooks hooks)
    : store_(store),
      read_side_(read_side),
      hooks_(std::move(hooks)),
      applied_(store.height()),
      thread_([this] { work(); }) {}

Committer::~Committer() {
    finish();
}

void Committer::finish() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Committer::push(SignedBlock block) {
    {
        const std::lock_guard lock{mutex_};
        ensure(under_way_ < blocks_max, "a block was pushed without room");
        ++under_way_;
        queue_.push_back(std::move(block));
    }
    wake_.notify_all();
}

bool Committer::has_room() const {
    const std::lock_guard lock{mutex_};
    return under_way_ < blocks_max;
}

bool Committer::is_idle() const {
    const std::lock_guard lock{mutex_};
    return under_way_ == 0;
}

std::optional<std::string> Committer::fault() const {
    const std::lock_guard lock{mutex_};
    return fault_;
}

void Committer::work() {
    for (;;) {
        std::optional<SignedBlock> block;
        bool faulted = false;
        {
            std::unique_lock lock{mutex_};
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            block.emplace(std::move(queue_.front()));
            queue_.pop_front();
            faulted = fault_.has_value();
        }
        if (faulted) {
            give_up(*block);
        } else if (auto fault = write(*block)) {
            log_event(LogLevel::error, "writing_stopped", {{"reason", *fault}});
            {
                const std::lock_guard lock{mutex_};
                fault_ = std::move(fault);
            }
            // Durable or not, the outcome cannot be read now: the caller asks again after a
            // restart.
            give_up(*block);
        } else {
            answer_all(*block);
        }
        block.reset();
        {
            const std::lock_guard lock{mutex_};
            --under_way_;
        }
        hooks_.progress();
    }
}

std::optional<std::string> Committer::write(SignedBlock& block) {
    const auto begun = std::chrono::steady_clock::now();
    const ledger::BlockToStore to_store{.height = block.height,
                                        .block_hash = block.header_hash,
                                        .time = block.header.time(),
                                        .header = &block.header,
                                        .commit = &block.commit,
                                        .bundles = block.bundles,
                                        .sign_state = block.sign_state};
    if (const auto appended = store_.append(to_store, *block.encoded, *block.advanced); !appended)
        return appended.error().what;
    read_side_.publish_moment(block.advanced->moment);
    if (const auto applied = store_.apply(*block.encoded, block.height); !applied)
        return applied.error().what;
    applied_ = block.height;
    counters_.commit_microseconds +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                       std::chrono::steady_clock::now() - begun)
                                       .count());
    return std::nullopt;
}

void Committer::answer_all(SignedBlock& block) {
    const auto& result = block.encoded->result;
    const auto event = std::make_shared<BlockEvent>();
    event->height = block.height;
    event->time_ms = block.time_ms;
    event->entries.reserve(result.entries.size());
    for (std::size_t i = 0; i < result.entries.size(); ++i) {
        event->entries.push_back(std::make_shared<const LoggedEntry>(
            LoggedEntry{block.encoded, result.entries[i], block.encoded->entries[i].bytes,
                        block.advanced->first_entry + i}));
    }
    for (std::size_t i = 0; i < result.due_items; ++i)
        if (result.entries[i].outcome().status() == pb::STATUS_DONE) ++counters_.due_done;
    // Readable before it is answered: who is told "done" and asks at once must find it.
    read_side_.publish_block(head_of(block), event);

    std::vector<Answer> answers(block.jobs.size());
    for (std::size_t place = 0; place < block.jobs.size(); ++place) {
        auto& job = block.jobs[place];
        const auto& became = result.envelopes[place];
        if (became.entry) {
            answers[place] = logged_answer(event->entries[*became.entry], true);
            ++(answers[place].status == AnswerStatus::done ? counters_.done : counters_.refused);
        } else if (*became.skip == Skip::deadline_pending && job.offers < offers_max) {
            ++job.offers;
            hooks_.offer_again(std::move(job));
            continue;
        } else {
            answers[place] = skipped(job, *became.skip);
        }
    }
    for (auto& [place, job] : block.repeats) {
        if (!block.jobs[place].batch) {  // its twin is offered again, and so is it
            hooks_.offer_again(std::move(job));
            continue;
        }
        auto answer = answers[place];
        answer.first = answer.logged == nullptr;
        ++counters_.repeated;
        hooks_.answer(job, std::move(answer));
    }
    for (std::size_t place = 0; place < block.jobs.size(); ++place)
        if (block.jobs[place].batch) hooks_.answer(block.jobs[place], std::move(answers[place]));
}

Answer Committer::skipped(const Job& job, Skip skip) {
    if (skip == Skip::id_used) {
        if (auto first = read_side_.lookup(job.envelope->id)) {
            ++counters_.repeated;
            return logged_answer(std::make_shared<const LoggedEntry>(std::move(*first)), false);
        }
    }
    ++counters_.skipped;
    return skipped_answer(skip, job.envelope->id);
}

void Committer::give_up(SignedBlock& block) {
    for (auto& job : block.jobs) hooks_.answer(job, unavailable_answer());
    for (auto& [place, job] : block.repeats) hooks_.answer(job, unavailable_answer());
}

}  // namespace tallystick::node
