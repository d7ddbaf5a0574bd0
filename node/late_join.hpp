#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "node/config/config.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/joining.hpp"
#include "protocol/crypto.hpp"
#include "protocol/result.hpp"

/// How a node that has no ledger begins with a snapshot of its peers (state sync), instead of
/// executing every block from the first. The engine fetches the snapshot and its light client
/// checks it; what that asks of other nodes this one fetches over their public APIs and verifies
/// itself, from its genesis and its trust file on. Whatever goes wrong, nothing half done is left:
/// the file `engine/joining` stands from before the first byte until blocks have followed the
/// snapshot, and whoever finds it at start with no block behind the snapshot begins again.
namespace tallystick::node {

/// How far it is, for those who ask meanwhile. Any thread.
class LateJoinProgress {
  public:
    struct Now {
        std::string sentence = "This node has no ledger yet: it asks its peers for a snapshot.";
        std::size_t chunks_here = 0;
        std::size_t chunks = 0;  ///< 0 while none is being taken
    };
    void set(Now now) {
        const std::lock_guard lock{mutex_};
        now_ = std::move(now);
    }
    [[nodiscard]] Now get() const {
        const std::lock_guard lock{mutex_};
        return now_;
    }

  private:
    mutable std::mutex mutex_;
    Now now_;
};

struct LateJoinParts {
    const DataFolder& folder;
    const Config& config;
    const LoadedGenesis& genesis;
    const SigningKey& key;  ///< outlives the engine that is handed on
    LateJoinProgress& progress;
    std::function<bool()> ended;   ///< is the process to end? Asked a few times a second
    std::function<void()> begins;  ///< it is possible and begins now; may be empty
};

/// A snapshot was taken: the ledger is in its place, its engine runs with its calls held.
class LateJoined {
  public:
    /// What the engine's light client still asks is answered as long as this lives.
    struct Helpers;

    LateJoined(std::shared_ptr<RunningEngine> running, std::unique_ptr<Helpers> helpers,
               std::filesystem::path marker);
    ~LateJoined();
    LateJoined(const LateJoined&) = delete;
    LateJoined& operator=(const LateJoined&) = delete;

    /// For `CometbftOptions::running`.
    [[nodiscard]] std::shared_ptr<RunningEngine> running() const { return running_; }
    /// The engine could not go on from the snapshot, or died before a block followed it: what it
    /// has of it then fits together only by luck. End the process; started again it begins anew.
    [[nodiscard]] bool has_failed() const;
    /// Blocks have followed the snapshot: it stays.
    void is_taken_over();

  private:
    std::shared_ptr<RunningEngine> running_;
    std::unique_ptr<Helpers> helpers_;
    std::filesystem::path marker_;
    const EngineBeside& process_;  ///< of `running_`, and then of the node that has it
    std::uint64_t restarts_;       ///< when the snapshot was here
};

/// Takes a snapshot if this folder has no ledger, may have one (`network.state_sync`), and knows
/// whom to ask and what to trust. Nothing if it is not needed or not to be had (event
/// `state_sync_skipped` or `state_sync_given_up`, with the reason), or if the process is to end:
/// then the node goes on as any other, from the blocks of its peers. Never over a ledger that has
/// blocks. The error is a sentence: the folder cannot be used.
/// @pre `check_data_folder` passed; no store is open.
[[nodiscard]] Result<std::unique_ptr<LateJoined>, std::string> join_late(
    const LateJoinParts& parts);

}  // namespace tallystick::node
