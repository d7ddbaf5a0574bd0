#include "node/engine/committer.hpp"

#include "node/answers.hpp"
#include "node/log.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::node {
Committer::Committer(ledger::Store& store, ReadSide& read_side, Hooks hooks)
    : publisher_(store, read_side),
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
        } else if (auto fault = publisher_.write(executed(*block))) {
            log_event(LogLevel::error, "writing_stopped", {{"reason", *fault}});
            {
                const std::lock_guard lock{mutex_};
                fault_ = std::move(fault);
            }
            // Durable or not, the outcome cannot be read now: the caller asks again after a
            // restart.
            give_up(*block);
        } else {
            applied_ = block->height;
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

ExecutedBlock Committer::executed(const SignedBlock& block) {
    ledger::BlockToStore to_store;
    to_store.height = block.height;
    to_store.block_hash = block.header_hash;
    to_store.time = block.header.time();
    to_store.header = &block.header;
    to_store.commit = &block.commit;
    to_store.bundles = block.bundles;
    to_store.sign_state = block.sign_state;
    return {to_store, block.encoded, *block.advanced};
}

void Committer::answer_all(SignedBlock& block) {
    const auto& result = block.encoded->result;
    const auto event = publisher_.show(executed(block));
    std::vector<Answer> answers(block.jobs.size());
    for (std::size_t place = 0; place < block.jobs.size(); ++place) {
        auto& job = block.jobs[place];
        const auto& became = result.envelopes[place];
        if (became.skip == Skip::deadline_pending && job.offers < Publisher::offers_max) {
            ++job.offers;
            hooks_.offer_again(std::move(job));
            continue;
        }
        answers[place] = publisher_.answer(*event, became, job.envelope->id, true);
    }
    for (auto& [place, job] : block.repeats) {
        if (!block.jobs[place].batch) {  // its twin is offered again, and so is it
            hooks_.offer_again(std::move(job));
            continue;
        }
        auto answer = answers[place];
        answer.first = answer.logged == nullptr;
        ++publisher_.counters().repeated;
        hooks_.answer(job, std::move(answer));
    }
    for (std::size_t place = 0; place < block.jobs.size(); ++place)
        if (block.jobs[place].batch) hooks_.answer(block.jobs[place], std::move(answers[place]));
}

void Committer::give_up(SignedBlock& block) {
    for (auto& job : block.jobs) hooks_.answer(job, unavailable_answer());
    for (auto& [place, job] : block.repeats) hooks_.answer(job, unavailable_answer());
}

}  // namespace tallystick::node
