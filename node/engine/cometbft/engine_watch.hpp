#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "node/engine/cometbft/rpc_json.hpp"
#include "protocol/result.hpp"

/// How the engine and its peers do, asked every few seconds, so that whoever wants to know never
/// waits for the engine.
namespace tallystick::node {

/// What the engine is asked. `RpcClient` gives the real ones.
struct EngineQuestions {
    std::function<Result<EngineStatus, std::string>()> status;
    std::function<Result<std::vector<EnginePeer>, std::string>()> peers;
    std::function<Result<std::vector<std::uint64_t>, std::string>()> peer_heights;
    std::function<Result<std::vector<EngineValidator>, std::string>()> validators;
    std::function<Result<EngineMempool, std::string>()> mempool;
    /// Has the engine reach peers, ID@HOST:PORT. May be empty.
    std::function<void(const std::vector<std::string>&)> dial;
};

/// What it answered last.
struct EngineHealth {
    bool answers = false;
    std::uint64_t height = 0;        ///< of the engine's newest block
    std::uint64_t network_head = 0;  ///< newest block of the network, as far as peers say; at least
                                     ///< `height`
    bool catching_up = false;
    std::uint32_t peers = 0;
    EngineMempool mempool;
    std::vector<std::string> strangers;  ///< peers that serve another ledger: ID at ADDRESS
    /// Power of the authorities' nodes that are connected, ourselves with them, and of all.
    std::uint64_t power_here = 0;
    std::uint64_t power_total = 0;
    std::vector<std::string> absent;  ///< ids of validators that are not connected
    bool sees_all = true;  ///< false where who is connected says nothing: for an observer, and
                           ///< behind a sentry
};

/// How many blocks the network is ahead of the engine.
[[nodiscard]] std::uint64_t blocks_behind(const EngineHealth& health);

/// The newest block that the network has, from what peers say: those who may lie, fewer than a
/// third, cannot make it later than it is.
[[nodiscard]] std::uint64_t head_of_network(std::vector<std::uint64_t> peer_heights);

struct EngineWatchOptions {
    EngineQuestions questions;
    std::string moniker;             ///< what peers of the same ledger call themselves
    std::string own_id;              ///< this node's peer id
    std::vector<std::string> peers;  ///< ID@HOST:PORT, whom the engine shall be connected to
    bool expects_peers = true;       ///< false for a network of one
    std::chrono::milliseconds every{2000};
    std::uint64_t blocks_behind_max = 5;  ///< more are a reason not to be ready
    unsigned dial_after = 5;              ///< times that a peer is missed before it is sought again
};

/// Asks on a thread of its own. Everything may be called from any thread.
class EngineWatch {
  public:
    explicit EngineWatch(EngineWatchOptions options);
    /// Stops.
    ~EngineWatch();
    EngineWatch(const EngineWatch&) = delete;
    EngineWatch& operator=(const EngineWatch&) = delete;

    /// Begins to ask. Once.
    void start();
    /// Returns when the last question is answered. Again has no effect.
    void stop();

    /// Asks once, here and now.
    void ask();

    [[nodiscard]] EngineHealth health() const;

    /// What is wrong, each a plain sentence; empty while all is well. An engine that does not
    /// answer is named only once it has answered before: until then it starts.
    [[nodiscard]] std::vector<std::string> not_ready() const;

  private:
    void work();
    void seek_missing(const std::vector<EnginePeer>& connected);
    void count_power(EngineHealth& found, const std::vector<EnginePeer>& peers) const;

    const EngineWatchOptions options_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    EngineHealth health_;
    bool answered_before_ = false;
    unsigned missed_ = 0;  ///< times in succession that a peer was not connected
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace tallystick::node
