#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "node/pipeline/batch.hpp"
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
class Verifier {
  public:
    /// What can be said without the rules: another ledger, outside its time, an id that is used.
    /// Called from every worker; must be safe and quick.
    using Precheck = std::function<std::optional<Answer>(const DecodedEnvelope&)>;
    /// Takes verified jobs. Called from every worker; must not block: the budget bounds it.
    using Sink = std::function<void(std::vector<Job>)>;

    Verifier(const VerifierOptions& options, LedgerId ledger_id, Precheck precheck, Sink sink);
    /// Stops taking work, finishes what is queued, joins the threads.
    ~Verifier();
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

    [[nodiscard]] const Budget& budget() const noexcept { return budget_; }
    [[nodiscard]] const VerifierCounters& counters() const noexcept { return counters_; }

  private:
    void work();
    /// Answers the job or makes it ready for the writer; true in the latter case.
    [[nodiscard]] bool prepare(Job& job);
    [[nodiscard]] std::optional<Answer> judge(Job& job);

    LedgerId ledger_id_;
    Precheck precheck_;
    Sink sink_;
    Budget budget_;
    VerifiedMemory memory_;
    VerifierCounters counters_;
    std::atomic<bool> accepting_{true};
    std::atomic<std::size_t> verifying_{0};

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace tallystick::node
