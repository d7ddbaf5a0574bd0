#include "node/pipeline/verifier.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "ledger/actions/action.hpp"
#include "node/answers.hpp"

namespace tallystick::node {
namespace {

/// How many envelopes a worker takes at once: enough that the lock costs nothing, few enough that
/// the batch of one caller spreads over all cores.
constexpr std::size_t chunk_envelopes_max = 16;

}  // namespace

/// Parts that anyone who has time takes, one after the other.
struct Verifier::SharedWork {
    SharedWork(std::size_t how_many, const std::function<void(std::size_t)>& what)
        : parts(how_many), part(what) {}

    std::size_t parts;
    const std::function<void(std::size_t)>& part;  ///< valid until `done` reaches `parts`
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> done{0};

    void take_part() {
        for (auto mine = next++; mine < parts; mine = next++) {
            part(mine);
            if (++done == parts) done.notify_all();
        }
    }
};

Verifier::Verifier(const VerifierOptions& options, LedgerId ledger_id,
                   BeginPrechecks begin_prechecks, Sink sink)
    : ledger_id_(ledger_id),
      begin_prechecks_(std::move(begin_prechecks)),
      sink_(std::move(sink)),
      budget_(options.envelopes_max, options.bytes_max),
      memory_(options.remembered_max) {
    const unsigned threads =
        options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Verifier::~Verifier() {
    accepting_ = false;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
}

void Verifier::submit(std::vector<std::string> envelopes, NodeService::SubmitDone done) {
    if (envelopes.empty()) {
        done({});
        return;
    }
    const auto batch = std::make_shared<Batch>(envelopes.size(), std::move(done));
    counters_.submitted += envelopes.size();
    std::vector<Job> taken;
    taken.reserve(envelopes.size());
    for (std::size_t place = 0; place < envelopes.size(); ++place) {
        auto& bytes = envelopes[place];
        if (!accepting_) {
            batch->answer(place, unavailable_answer());
        } else if (bytes.size() > envelope_bytes_max) {
            ++counters_.malformed;
            batch->answer(place, malformed_answer(EnvelopeError::too_large, std::nullopt));
        } else if (!budget_.take(bytes.size())) {
            ++counters_.busy;
            batch->answer(place, busy_answer());
        } else {
            Job job;
            job.batch = batch;
            job.place = place;
            job.size_bytes = bytes.size();
            job.bytes = std::move(bytes);
            taken.push_back(std::move(job));
        }
    }
    if (taken.empty()) return;
    verifying_ += taken.size();
    {
        const std::lock_guard lock{mutex_};
        std::ranges::move(taken, std::back_inserter(queue_));
    }
    if (taken.size() > chunk_envelopes_max)
        wake_.notify_all();
    else
        wake_.notify_one();
}

void Verifier::answer(Job& job, Answer answer) {
    // The room first: a caller that is told its answer may send the next at once.
    budget_.give_back(job.size_bytes);
    job.batch->answer(job.place, std::move(answer));
    job.batch.reset();
}

bool Verifier::wait_until_idle(std::chrono::milliseconds limit) const {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (budget_.envelopes() != 0) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

void Verifier::spread(std::size_t parts, const std::function<void(std::size_t)>& part) {
    if (parts <= 1) {
        for (std::size_t i = 0; i < parts; ++i) part(i);
        return;
    }
    const auto work = std::make_shared<SharedWork>(parts, part);
    {
        const std::lock_guard lock{mutex_};
        shared_work_.push_back(work);
    }
    wake_.notify_all();
    work->take_part();
    {
        const std::lock_guard lock{mutex_};
        std::erase(shared_work_, work);
    }
    for (auto done = work->done.load(); done != parts; done = work->done.load())
        work->done.wait(done);
}

void Verifier::work() {
    for (;;) {
        std::vector<Job> chunk;
        std::shared_ptr<SharedWork> shared;
        std::function<void()> later;
        {
            std::unique_lock lock{mutex_};
            wake_.wait(lock, [this] {
                return stopping_ || !queue_.empty() || !shared_work_.empty() || !later_.empty();
            });
            if (!shared_work_.empty()) {
                shared = std::move(shared_work_.front());
                shared_work_.pop_front();
            } else if (later = take_later(); later) {
                // below, without the lock
            } else if (queue_.empty()) {
                return;
            } else {
                const auto count = std::min(chunk_envelopes_max, queue_.size());
                chunk.reserve(count);
                for (std::size_t i = 0; i < count; ++i) {
                    chunk.push_back(std::move(queue_.front()));
                    queue_.pop_front();
                }
            }
        }
        if (shared)
            shared->take_part();
        else if (later)
            later();
        else
            verify(std::move(chunk));
    }
}

std::function<void()> Verifier::take_later() {
    // In turns, so that neither other nodes' bundles nor our own callers starve.
    const bool mine = !later_.empty() && (later_next_ || queue_.empty()) && !stopping_;
    later_next_ = !later_next_;
    if (!mine) return {};
    auto work = std::move(later_.front());
    later_.pop_front();
    return work;
}

void Verifier::later(std::function<void()> work) {
    {
        const std::lock_guard lock{mutex_};
        if (stopping_ || later_.size() >= later_max) return;
        later_.push_back(std::move(work));
    }
    wake_.notify_one();
}

std::optional<ledger::VerifiedEnvelope> Verifier::check(std::string_view bytes) {
    auto decoded = decode_envelope(std::string{bytes});
    if (!decoded) return std::nullopt;
    auto envelope = std::make_shared<DecodedEnvelope>(std::move(*decoded));
    if (ledger::check_action(envelope->body) || !signatures_are_true(*envelope))
        return std::nullopt;
    return envelope;
}

bool Verifier::signatures_are_true(const DecodedEnvelope& envelope) {
    if (memory_.contains(envelope.envelope_hash)) return true;
    counters_.signatures += envelope.signers.size();
    if (!verify_signatures(envelope)) return false;
    memory_.add(envelope.envelope_hash);
    return true;
}

void Verifier::verify(std::vector<Job> chunk) {
    const auto count = chunk.size();
    const auto precheck = begin_prechecks_();
    std::erase_if(chunk, [&](Job& job) { return !prepare(job, precheck); });
    if (!chunk.empty()) sink_(std::move(chunk));
    // After the sink, so that the writer never sees "nothing under way" while this is.
    verifying_ -= count;
}

bool Verifier::prepare(Job& job, const Precheck& precheck) {
    auto answered = judge(job, precheck);
    if (!answered) return true;
    answer(job, std::move(*answered));
    return false;
}

std::optional<Answer> Verifier::judge(Job& job, const Precheck& precheck) {
    const auto malformed = [this](Answer answer) {
        ++counters_.malformed;
        return answer;
    };
    auto decoded = decode_envelope(std::move(job.bytes));
    if (!decoded) return malformed(malformed_answer(decoded.error(), std::nullopt));
    auto envelope = std::make_shared<DecodedEnvelope>(std::move(*decoded));
    // Another ledger's envelope is well-formed there: key proofs inside it would look false here.
    if (envelope->body.ledger_id() != ledger_id_.text()) {
        ++counters_.skipped;
        return skipped_answer(Skip::wrong_ledger, envelope->id);
    }
    // Cheap reasons before dear ones: a flood of old envelopes must not cost a signature each.
    if (auto known = precheck(*envelope)) {
        if (known->status == AnswerStatus::skipped)
            ++counters_.skipped;
        else
            ++counters_.repeated;
        return known;
    }
    if (const auto form = ledger::check_action(envelope->body))
        return malformed(malformed_answer(*form, envelope->id));
    if (!signatures_are_true(*envelope))
        return malformed(malformed_answer(EnvelopeError::false_signature, envelope->id));
    job.envelope = std::move(envelope);
    return std::nullopt;
}

}  // namespace tallystick::node
