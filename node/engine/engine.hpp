#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/pipeline/batch.hpp"

namespace tallystick::node {

/// What an engine counts, for /metrics. Totals since start.
struct EngineMetrics {
    std::uint64_t due_items = 0;
    bool overdue = false;
    std::uint64_t done = 0;
    std::uint64_t refused = 0;
    std::uint64_t skipped = 0;
    std::uint64_t repeated = 0;
    std::uint64_t due_done = 0;
    std::uint64_t blocks = 0;
    std::uint64_t empty_blocks = 0;
    std::uint64_t execute_microseconds = 0;
    std::uint64_t commit_microseconds = 0;
    std::uint64_t bundles_refused = 0;
    std::uint64_t proposals_rejected = 0;
    std::optional<EngineHealthMetrics> health;
};

/// Orders verified envelopes into blocks and has them executed, made durable and answered.
class Engine {
  public:
    virtual ~Engine() = default;

    /// Begins to make blocks. Once.
    virtual void start() = 0;

    /// Takes verified jobs; each is answered once, sooner or later. Never blocks. Any thread.
    virtual void offer(std::vector<Job> jobs) = 0;

    /// Orders and answers what was offered, makes everything durable, and makes no more blocks.
    /// Jobs that come later are answered `unavailable`. Blocks. Once, after `start`.
    virtual void stop() = 0;

    /// Why no more blocks are made, a plain sentence: a disk that is full or broken. Nothing while
    /// all is well. Any thread.
    [[nodiscard]] virtual std::optional<std::string> fault() const = 0;

    /// Any thread.
    [[nodiscard]] virtual EngineMetrics metrics() const = 0;

    /// What keeps this engine from doing its work beside a fault, each a plain sentence: too few
    /// peers, blocks that are missing, a segment that has ended. Empty when it does. Any thread.
    [[nodiscard]] virtual std::vector<std::string> not_ready() const = 0;

    /// As NodeService. By default there are none.
    [[nodiscard]] virtual std::vector<SnapshotHere> snapshots() const { return {}; }
    /// As NodeService. By default not_found.
    [[nodiscard]] virtual Result<std::vector<std::int64_t>, ReadError> proposer_priorities(
        std::uint64_t, const pb::ValidatorSet&) const {
        return Failure{ReadError::not_found};
    }

    /// Under solo there is no network.
    [[nodiscard]] virtual NetworkState network_state() const { return {}; }
};

}  // namespace tallystick::node
