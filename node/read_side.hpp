#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ledger/store/store.hpp"
#include "node/node_service.hpp"

namespace tallystick::node {

/// All reading of a ledger: snapshots, look-ups, proofs, and those who listen. Never waits for the
/// writer's work. Any thread, but for the `publish` functions: the writer's side calls the first
/// two in the order of heights, whoever keeps headers the third.
class ReadSide {
  public:
    /// `store` must outlive this. `head.provable_height` is that of what the store holds.
    ReadSide(const ledger::Store& store, const Head& head, ledger::Moment moment);
    /// Proofs that still wait are answered `unavailable`.
    ~ReadSide();
    ReadSide(const ReadSide&) = delete;
    ReadSide& operator=(const ReadSide&) = delete;

    /// The tree after a block of this time (seconds), before its changes are written to the state.
    void publish_moment(ledger::Moment moment, std::uint64_t time);
    /// The block is durable and can be read. `head.provable_height` is worked out here.
    void publish_block(Head head, const std::shared_ptr<const BlockEvent>& event);
    /// Every block up to this height has its header and commit: proofs under them can be given.
    void publish_headers(std::uint64_t until);

    /// As published.
    [[nodiscard]] std::uint64_t headers_until() const;

    // As in NodeService.
    [[nodiscard]] Head head() const;
    [[nodiscard]] pb::ValidatorSet validators() const;
    [[nodiscard]] Result<std::unique_ptr<Snapshot>, ReadError> snapshot() const;
    [[nodiscard]] Result<LoggedEntry, ReadError> lookup(const EnvelopeId& id) const;
    [[nodiscard]] Result<LoggedEntry, ReadError> entry(std::uint64_t log_index) const;
    [[nodiscard]] Result<std::string, ReadError> envelope(std::uint64_t log_index) const;
    [[nodiscard]] Result<pb::BlockRecord, ReadError> block(std::uint64_t height) const;
    [[nodiscard]] Result<pb::LightBlock, ReadError> light_block(std::uint64_t height) const;
    void prove_state(std::vector<std::string> keys, NodeService::ProvedStateDone done) const;
    void prove_entry(std::uint64_t log_index, NodeService::ProvedEntryDone done) const;
    [[nodiscard]] Result<ConsistencyProof, ReadError> prove_consistency(std::uint64_t first,
                                                                        std::uint64_t second) const;
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(NodeService::BlockListener listener);

    /// Chain and state as the store gives them.
    [[nodiscard]] ledger::StoreResult<std::unique_ptr<ledger::StoreSnapshot>> open() const;
    [[nodiscard]] ReadError error_of(const ledger::StoreError& error) const;

    /// The first damage that a reader met, in words; nothing while none was.
    [[nodiscard]] std::optional<std::string> damage() const;

  private:
    struct Listeners;
    class ListenerHandle;

    /// Work that waits for a block's header.
    struct Waiting {
        std::uint64_t height;
        std::chrono::steady_clock::time_point until;
        std::function<void(std::optional<ReadError>)> go_on;
    };

    [[nodiscard]] ledger::StoreResult<std::unique_ptr<ledger::StoreSnapshot>> open(
        std::uint64_t* time) const;
    [[nodiscard]] Result<pb::LightBlock, ReadError> light_block(const ledger::StoreSnapshot& from,
                                                                std::uint64_t height) const;
    /// The log's root at a size that some block left it with; not_found for other sizes.
    [[nodiscard]] Result<Hash, ReadError> log_root_at(const ledger::StoreSnapshot& from,
                                                      std::uint64_t size) const;
    void wait_for_header(std::uint64_t height,
                         std::function<void(std::optional<ReadError>)> go_on) const;
    void finish_state(ProvedState proved, std::uint64_t height,
                      NodeService::ProvedStateDone done) const;
    void finish_entry(std::uint64_t log_index, NodeService::ProvedEntryDone done,
                      int attempts) const;
    void serve_waiting();

    /// A block whose header is not here yet, as far as proofs care.
    struct Unproved {
        std::uint64_t height;
        bool changed_nothing;  ///< its own header carries its outcome
    };

    const ledger::Store& store_;

    mutable std::mutex mutex_;
    Head head_;
    std::uint64_t headers_until_;
    std::deque<Unproved> unproved_;       ///< ascending
    std::deque<ledger::Moment> moments_;  ///< newest last
    std::deque<std::uint64_t> times_;     ///< of the moments' blocks, seconds
    mutable std::optional<std::string> damage_;

    std::shared_ptr<Listeners> listeners_;

    mutable std::mutex waiting_mutex_;
    mutable std::condition_variable waiting_wake_;
    mutable std::deque<Waiting> waiting_;
    std::uint64_t waiting_height_ = 0;
    bool stopping_ = false;
    std::thread prover_;
};

}  // namespace tallystick::node
