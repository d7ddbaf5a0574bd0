#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ledger/store/store.hpp"
#include "node/engine/committer.hpp"
#include "node/engine/copier.hpp"
#include "node/engine/engine.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::node {

/// Where the engine takes its time from: milliseconds since 1970-01-01 UTC. Tests give their own.
using Clock = std::function<std::uint64_t()>;

/// The system's clock.
[[nodiscard]] std::uint64_t system_milliseconds();

struct SoloOptions {
    std::size_t block_envelopes_max = 4096;
    std::size_t block_bytes_max = 3145728;  ///< of envelopes; below the header's 4,194,304
    std::chrono::microseconds gather{
        12000};  ///< how long a block waits for envelopes in verification
    Clock clock = system_milliseconds;
};

/// Splits work over the node's threads: calls `part(0)` to `part(parts - 1)`, each once, some of
/// them on other threads, and returns when all are done.
using Spread = std::function<void(std::size_t parts, const std::function<void(std::size_t)>& part)>;

/// One authority's engine. Cuts a block when there is something to order, signs header and commit
/// as a CometBFT chain of one validator would, and hands it to the committer, which makes block,
/// signature and sign-state durable in one transaction before any of them leaves. After a block
/// that changed the app hash an empty one follows at once if nothing waits; then silence.
class SoloEngine final : public Engine {
  public:
    struct Parts {
        ledger::Store& store;
        ReadSide& read_side;
        const SigningKey& key;
        /// Are envelopes in verification? A block that is not full waits a little for them.
        std::function<bool()> more_is_coming;
        std::function<void(Job&, Answer)> answer;
        Spread spread;
        /// Guards the writer's state of the store, for dry runs.
        std::mutex& writer_mutex;
    };

    /// Everything in `parts` must outlive this.
    SoloEngine(const Parts& parts, SoloOptions options);
    ~SoloEngine() override;

    void start() override;
    void offer(std::vector<Job> jobs) override;
    void stop() override;
    [[nodiscard]] std::optional<std::string> fault() const override;
    [[nodiscard]] EngineMetrics metrics() const override;
    [[nodiscard]] std::vector<std::string> not_ready() const override;

  private:
    /// What the next block is made for.
    enum class Reason : std::uint8_t { envelopes, deadline, proof, silence };

    void work();
    [[nodiscard]] std::optional<Reason> wait_for_reason();
    [[nodiscard]] std::optional<Reason> reason_now(std::unique_lock<std::mutex>& lock);
    void gather(std::unique_lock<std::mutex>& lock);
    void cut(SignedBlock& block);
    void make(Reason reason);
    void execute(SignedBlock& block, Reason reason);
    void sign(SignedBlock& block, std::uint64_t now_ms);
    void note_after(const SignedBlock& block);
    void note_state();
    void refuse_rest();
    void refuse_ended(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] std::optional<std::chrono::milliseconds> until_deadline() const;

    ledger::Store& store_;
    ReadSide& read_side_;
    const SigningKey& key_;
    std::function<bool()> more_is_coming_;
    std::function<void(Job&, Answer)> answer_;
    Spread spread_;
    std::mutex& writer_mutex_;
    SoloOptions options_;
    pb::ValidatorSet validators_;
    ValidatorAddress address_;

    // The writer's own: only its thread touches them after `start`.
    std::uint64_t height_ = 0;
    std::uint64_t time_ms_ = 0;
    pb::BlockId last_block_id_;
    pb::Commit last_commit_;
    std::size_t last_bundles_ = 0;
    Hash app_hash_;
    std::uint64_t bundle_counter_ = 0;
    std::uint64_t settled_ = 0;
    std::uint64_t quiet_ms_max_ = 0;  ///< after so long without a block a tick is ordered
    bool proof_wanted_ = false;       ///< the last block changed the app hash
    bool more_due_ = false;           ///< overdue items remained beyond the last block's bound
    std::optional<std::string> not_executable_;  ///< why no block can be made with this program

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> inbox_;
    std::size_t inbox_bytes_ = 0;
    bool stopping_ = false;
    bool stopped_ = false;

    std::atomic<std::uint64_t> last_height_{0};  ///< of the segment; 0 while it has no end
    std::atomic<std::uint64_t> due_items_{0};
    std::atomic<bool> overdue_{false};
    std::atomic<std::uint64_t> blocks_{0};
    std::atomic<std::uint64_t> empty_blocks_{0};
    std::atomic<std::uint64_t> execute_microseconds_{0};

    std::unique_ptr<Committer> committer_;
    Copier copier_;
    std::thread thread_;
};

}  // namespace tallystick::node
