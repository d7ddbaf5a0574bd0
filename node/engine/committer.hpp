#pragma once

#include <atomic>
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
#include "node/engine/publisher.hpp"
#include "node/pipeline/batch.hpp"
#include "node/read_side.hpp"

namespace tallystick::node {

/// A block that was executed and signed, but is not durable yet: nothing of it may leave.
struct SignedBlock {
    std::uint64_t height = 0;
    std::uint64_t time_ms = 0;
    pb::Header header;
    pb::Commit commit;
    Hash header_hash;
    std::vector<std::string> bundles;
    ledger::SignState sign_state;
    std::shared_ptr<const ledger::EncodedBlock> encoded;
    std::optional<ledger::AdvancedBlock> advanced;  ///< always there once it is pushed
    /// In the block's order; `EnvelopeResult`s of the same places say what became of each.
    std::vector<Job> jobs;
    /// Repeats of a job of this block, with its place: they get its answer.
    std::vector<std::pair<std::size_t, Job>> repeats;
};

/// Makes signed blocks durable in order of height, shows them to readers, and answers their jobs:
/// on a thread of its own, so that the disk works while the next block is executed.
class Committer {
  public:
    struct Hooks {
        /// Gives a job its answer. Each job once.
        std::function<void(Job&, Answer)> answer;
        /// A job that was skipped for a pending deadline, to be offered again.
        std::function<void(Job)> offer_again;
        /// A block is applied, or nothing more can be: the writer may have waited for it.
        std::function<void()> progress;
    };

    /// All of these must outlive this.
    Committer(ledger::Store& store, ReadSide& read_side, Hooks hooks);
    /// `finish`, if it was not called.
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// Blocks under way at once: one being written, one waiting.
    static constexpr std::size_t blocks_max = 2;

    /// Writes and answers what was pushed, and stops. Blocks. Nothing may be pushed afterwards.
    void finish();

    /// @pre `has_room()`. After a fault its jobs are answered `unavailable`.
    void push(SignedBlock block);
    [[nodiscard]] bool has_room() const;
    [[nodiscard]] bool is_idle() const;
    /// Newest height that is durable and readable.
    [[nodiscard]] std::uint64_t applied() const noexcept { return applied_.load(); }
    /// Why nothing more can be written.
    [[nodiscard]] std::optional<std::string> fault() const;
    [[nodiscard]] const PublishedCounters& counters() const noexcept {
        return publisher_.counters();
    }

  private:
    void work();
    [[nodiscard]] static ExecutedBlock executed(const SignedBlock& block);
    void answer_all(SignedBlock& block);
    void give_up(SignedBlock& block);

    Publisher publisher_;
    Hooks hooks_;
    std::atomic<std::uint64_t> applied_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<SignedBlock> queue_;
    std::size_t under_way_ = 0;
    bool stopping_ = false;
    std::optional<std::string> fault_;
    std::thread thread_;
};

}  // namespace tallystick::node
