#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "node/pipeline/batch.hpp"
#include "node/pipeline/envelope_checker.hpp"
#include "node/pipeline/verified_memory.hpp"

namespace tallystick::node {

struct VerifierOptions {
    unsigned threads = 0;  ///< 0: one a core
    std::size_t envelopes_max = 65536;
    std::size_t bytes_max = 67108864;
    std::size_t remembered_max = 65536;
};

/// What the verifier counts; read from any thread.
struct VerifierCounters {
    std::atomic<std::uint64_t> submitted{0};
    std::atomic<std::uint64_t> busy{0};
    std::atomic<std::uint64_t> malformed{0};
    std::atomic<std::uint64_t> skipped{0};
    std::atomic<std::uint64_t> repeated{0};
    std::atomic<std::uint64_t> signatures{0};
};

/// The first half of the pipeline: decodes envelopes, checks their form, the cheap reasons against
/// them and their signatures, on a thread a core, and hands what is left to the writer. What is not
/// worth a block is answered here.
class Verifier final : public EnvelopeChecker {
  public:
    /// What can be said without the rules: outside its time, an id that is used.
    using Precheck = std::function<std::optional<Answer>(const DecodedEnvelope&)>;
    /// Makes a precheck for a few envelopes, to be used at once by the worker that asked for it.
    /// Called from every worker; must be safe and quick.
    using BeginPrechecks = std::function<Precheck()>;
    /// Takes verified jobs. Called from every worker; must not block: the budget bounds it.
    using Sink = std::function<void(std::vector<Job>)>;

    Verifier(const VerifierOptions& options, LedgerId ledger_id, BeginPrechecks begin_prechecks,
             Sink sink);
    /// Stops taking work, finishes what is queued, joins the threads.
    ~Verifier() override;
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;

    /// See `NodeService::submit`. Never blocks.
    void submit(std::vector<std::string> envelopes, NodeService::SubmitDone done);

    /// From now on everything is answered `unavailable`; what is queued goes on.
    void stop_accepting() noexcept { accepting_ = false; }
    void accept_again() noexcept { accepting_ = true; }

    /// Answers a job and gives its room back. Any thread; each job once.
    void answer(Job& job, Answer answer);

    /// Are any envelopes between `submit` and the sink? While there are, the writer does well to
    /// wait a little for them.
    [[nodiscard]] bool is_working() const noexcept { return verifying_.load() != 0; }

    /// Blocks until nothing is under way between `submit` and the answer, or the time is over.
    [[nodiscard]] bool wait_until_idle(std::chrono::milliseconds limit) const;

    /// Calls `part(0)` to `part(parts - 1)`, each once, on this thread and on those workers that
    /// come free, before they verify more; returns when all are done. For the writer, whose work
    /// holds up everybody else's.
    void spread(std::size_t parts, const std::function<void(std::size_t)>& part) override;

    /// An envelope of another node's bundle. What has been verified here is not verified again.
    [[nodiscard]] std::optional<ledger::VerifiedEnvelope> check(std::string_view bytes) override;

    /// Done by a worker, in turns with what is handed in here; dropped when too much waits.
    void later(std::function<void()> work) override;
    static constexpr std::size_t later_max = 4096;

    [[nodiscard]] const Budget& budget() const noexcept { return budget_; }
    [[nodiscard]] const VerifierCounters& counters() const noexcept { return counters_; }

  private:
    struct SharedWork;

    void work();
    void verify(std::vector<Job> chunk);
    /// Answers the job or makes it ready for the writer; true in the latter case.
    [[nodiscard]] bool prepare(Job& job, const Precheck& precheck);
    [[nodiscard]] std::optional<Answer> judge(Job& job, const Precheck& precheck);
    [[nodiscard]] bool signatures_are_true(const DecodedEnvelope& envelope);
    [[nodiscard]] std::function<void()> take_later();

    LedgerId ledger_id_;
    BeginPrechecks begin_prechecks_;
    Sink sink_;
    Budget budget_;
    VerifiedMemory memory_;
    VerifierCounters counters_;
    std::atomic<bool> accepting_{true};
    std::atomic<std::size_t> verifying_{0};

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_;
    std::deque<std::shared_ptr<SharedWork>> shared_work_;
    std::deque<std::function<void()>> later_;
    bool later_next_ = false;  ///< whose turn it is
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace tallystick::node
