#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ledger/store/store.hpp"
#include "node/engine/abci/application.hpp"
#include "node/engine/cometbft/bundle_pool.hpp"
#include "node/engine/cometbft/engine_client.hpp"
#include "node/engine/cometbft/flood.hpp"
#include "node/engine/cometbft/snapshot_service.hpp"
#include "node/engine/publisher.hpp"
#include "node/pipeline/envelope_checker.hpp"
#include "node/read_side.hpp"

namespace tallystick::node {

/// Why a bundle may not enter the mempool, or stay there. Machines get the number as the code of
/// CheckTx and in logs: append, never renumber.
enum class TxFault : std::uint32_t {
    malformed = 1,  ///< not a canonical bundle within the bounds, or a false signature of its node
    wrong_chain = 2,      ///< of another chain or segment
    segment_ended = 3,    ///< nothing more is ordered in this segment
    unknown_node = 4,     ///< of no current node of the ledger
    too_old = 5,          ///< made more than `bundle_age_ms_max` ago
    from_the_future = 6,  ///< made more than `bundle_ahead_ms_max` from now
    ordered_already = 7,
    flood = 8,         ///< its node is over its limits
    bad_envelope = 9,  ///< it holds an envelope that is malformed or has a false signature
};

/// A sentence.
[[nodiscard]] std::string_view tx_fault_sentence(TxFault fault) noexcept;

/// A bundle's age is looked at only where a node takes it into its mempool or keeps it there.
inline constexpr std::uint64_t bundle_age_ms_max = 600000;
inline constexpr std::uint64_t bundle_ahead_ms_max = 60000;

/// More than this is in no proposal of a network, so that a traitor cannot make the others check
/// signatures for longer than a round takes. Honest proposals stay below (`ApplicationOptions`).
inline constexpr std::size_t proposal_envelopes_max = 8192;
inline constexpr std::size_t proposal_bundles_max = 1024;

struct ApplicationOptions {
    /// Envelopes that this node proposes for one block at most: what four busy cores execute well
    /// within the time that the others wait for a proposal.
    std::size_t block_envelopes_max = 4096;
    std::size_t block_bundles_max = 512;
    /// Block time is that of the votes before: after so long without one an empty block goes first,
    /// so that deadlines are judged at most this late.
    std::uint64_t stale_ms = 2000;
    FloodLimits flood = {};
    /// Blocks that the engine keeps for others; 0 keeps all (an archive).
    std::uint64_t retain_blocks = 0;
    /// Ids (lower-case hexadecimal) of peers beside the ledger's own nodes: sentries, observers.
    std::vector<std::string> extra_peers = {};
};

/// A decided block once it can be read, for those who wait for its envelopes. Views are valid
/// during the call.
struct CommittedBlock {
    std::uint64_t height = 0;
    std::uint64_t time_ms = 0;
    std::span<const Hash> bundle_hashes;                  ///< all of the block, in order
    std::span<const ledger::VerifiedEnvelope> envelopes;  ///< of current nodes' bundles
    std::span<const ledger::EnvelopeResult> results;      ///< of `envelopes`
    const BlockEvent& event;
};

/// What the engine counts of blocks. Read from any thread.
struct ApplicationCounters {
    std::atomic<std::uint64_t> blocks{0};
    std::atomic<std::uint64_t> empty_blocks{0};
    std::atomic<std::uint64_t> due_items{0};
    std::atomic<bool> overdue{false};
    std::atomic<std::uint64_t> execute_microseconds{0};
    std::atomic<std::uint64_t> tx_refused{0};
    std::atomic<std::uint64_t> proposals_rejected{0};
};

/// The ledger as an application of CometBFT: checks bundles for the mempool, prepares and judges
/// proposals, executes decided blocks and makes them durable.
///
/// Everything happens on the calling thread, one call at a time behind one mutex (but for queries
/// and snapshots, which never wait for blocks); it has no thread and no clock of its own, so that a
/// simulation can drive it. Readers never wait for it.
///
/// After a fault of the disk, or when the engine shows a block that cannot be ours, every call that
/// would change something is answered with an exception, which stops the engine: reads go on.
class CometbftApplication final : public abci::Application {
  public:
    struct Parts {
        ledger::Store& store;
        ReadSide& read_side;
        Publisher& publisher;
        EnvelopeChecker& checker;
        BundlePool& pool;
        std::mutex& writer_mutex;    ///< guards the writer's state of the store, for dry runs
        SnapshotService* snapshots;  ///< null: this node offers and takes none
        Clocks clocks;
    };
    struct Hooks {
        /// A block is durable and readable. Under the application's mutex: must not call it or the
        /// engine.
        std::function<void(const CommittedBlock&)> committed;
        /// A new process of the engine asked how far we are: its mempool is empty.
        std::function<void()> engine_began;
        /// This node's own bundles that no block has, oldest first: it is its turn to propose.
        /// Under the application's mutex: must not call the engine, nor what waits for a block.
        /// May be empty.
        std::function<std::vector<std::shared_ptr<const std::string>>()> own_bundles;
        /// What decides a block that this address signed for at `height`: a sentence if this node
        /// never did, which stops it; see `signed_elsewhere`. May be empty.
        std::function<std::optional<std::string>(std::uint64_t height)> signed_elsewhere;
        /// Before the engine is told for the first time to throw old blocks away: false keeps
        /// them for now. May be empty.
        std::function<bool()> blocks_will_go;
        /// The first fault, once.
        std::function<void(const std::string&)> failed;
    };

    /// Everything in `parts` must outlive this. @param address of this node's key
    CometbftApplication(const Parts& parts, ApplicationOptions options, Hooks hooks,
                        const ValidatorAddress& address);
    ~CometbftApplication() override;

    [[nodiscard]] abci::Answer<abci_pb::ResponseInfo> info(
        const abci_pb::RequestInfo& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseQuery> query(
        const abci_pb::RequestQuery& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseCheckTx> check_tx(
        const abci_pb::RequestCheckTx& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseInitChain> init_chain(
        const abci_pb::RequestInitChain& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponsePrepareProposal> prepare_proposal(
        const abci_pb::RequestPrepareProposal& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseProcessProposal> process_proposal(
        const abci_pb::RequestProcessProposal& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseFinalizeBlock> finalize_block(
        const abci_pb::RequestFinalizeBlock& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseCommit> commit(
        const abci_pb::RequestCommit& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseListSnapshots> list_snapshots(
        const abci_pb::RequestListSnapshots& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseOfferSnapshot> offer_snapshot(
        const abci_pb::RequestOfferSnapshot& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseLoadSnapshotChunk> load_snapshot_chunk(
        const abci_pb::RequestLoadSnapshotChunk& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseApplySnapshotChunk> apply_snapshot_chunk(
        const abci_pb::RequestApplySnapshotChunk& request) override;

    // Any thread; none of these waits for a block.

    /// Snapshots that another node can take now, newest first.
    [[nodiscard]] std::vector<SnapshotOffer> offered_snapshots() const;

    /// Why nothing more is written, a plain sentence.
    [[nodiscard]] std::optional<std::string> fault() const;
    /// The last block of this segment, once a handover is decided: nothing is ordered at or after
    /// it.
    [[nodiscard]] std::optional<std::uint64_t> last_height() const;
    /// Is this node's key one of the ledger's current nodes? Others only read.
    [[nodiscard]] bool is_current_node(const PublicKey& key) const;
    /// Its place among the nodes in the order of their keys, from 0; 0 if it is none.
    [[nodiscard]] std::size_t rank_of(const PublicKey& key) const;
    /// When the first due item is due, seconds; nothing if nothing is.
    [[nodiscard]] std::optional<std::uint64_t> first_due() const;
    /// How long the ledger may be quiet before a tick is ordered.
    [[nodiscard]] std::uint64_t quiet_ms_max() const;
    /// Of the newest durable block.
    [[nodiscard]] std::uint64_t height() const;
    [[nodiscard]] std::uint64_t block_time_ms() const;
    /// The newest durable block has entries, so that the engine makes another to prove them. False
    /// until this process has seen a block.
    [[nodiscard]] bool block_follows() const;
    [[nodiscard]] const ApplicationCounters& counters() const noexcept { return counters_; }

  private:
    struct Candidate;
    /// A bundle in the engine's mempool.
    struct Waiting {
        PublicKey node;
        std::size_t size_bytes = 0;
        std::uint64_t arrived_ms = 0;  ///< steady
    };
    /// What other threads may ask, as the newest durable block left it.
    struct Published {
        std::uint64_t height = 0;
        std::uint64_t block_time_ms = 0;
        bool block_follows = false;
        std::vector<PublicKey> nodes;
        std::set<std::string, std::less<>> peers;
        std::optional<std::uint64_t> first_due;
        std::optional<std::uint64_t> last_height;
        std::uint64_t quiet_ms_max = 0;
    };

    // check_tx.cpp
    [[nodiscard]] std::optional<TxFault> judge_new(std::string_view tx, const Hash& hash);
    [[nodiscard]] std::optional<TxFault> judge_again(std::string_view tx, const Hash& hash);
    [[nodiscard]] std::optional<TxFault> judge_place(const ReceivedBundle& bundle) const;
    [[nodiscard]] std::optional<TxFault> judge_time(const ReceivedBundle& bundle) const;
    void leave_mempool(const Hash& hash);
    void note_ordered(const Hash& hash, std::uint64_t time_ms);
    void forget_old_ordered();

    // proposals.cpp
    [[nodiscard]] bool wants_empty_block_first(
        const abci_pb::RequestPrepareProposal& request) const;
    [[nodiscard]] std::optional<std::string> proposal_fault(
        const abci_pb::RequestProcessProposal& request);
    [[nodiscard]] bool is_over(std::uint64_t height) const;

    // blocks.cpp
    [[nodiscard]] std::optional<std::string> blocks_fault(
        const abci_pb::RequestFinalizeBlock& request) const;
    [[nodiscard]] std::optional<std::string> take_bundles(
        const abci_pb::RequestFinalizeBlock& request, Candidate& candidate);
    void execute(Candidate& candidate);
    void answer_block(const abci_pb::RequestFinalizeBlock& request, Candidate& candidate) const;
    void after_commit(const Candidate& candidate);
    void note_state(bool block_follows);
    [[nodiscard]] std::uint64_t retain_height();
    std::string fail(std::string sentence);

    ledger::Store& store_;
    ReadSide& read_side_;
    Publisher& publisher_;
    EnvelopeChecker& checker_;
    BundlePool& pool_;
    std::mutex& writer_mutex_;
    SnapshotService* snapshots_;
    Clocks clocks_;
    ApplicationOptions options_;
    Hooks hooks_;
    ValidatorAddress address_;
    std::uint64_t first_height_;  ///< of the segment

    /// What the segment goes on from; set while none of its blocks is durable.
    struct Beginning {
        pb::Timestamp time;  ///< of the block before, or of the genesis
        Hash app_hash;
    };

    mutable std::mutex mutex_;
    std::optional<std::uint64_t> last_height_;
    std::unique_ptr<Candidate> candidate_;  ///< the last that was executed, durable or not
    std::optional<Beginning> beginning_;
    std::unordered_map<Hash, Waiting, FirstBytesOfHash> waiting_;
    FloodGuard flood_;
    std::unordered_set<Hash, FirstBytesOfHash> ordered_;
    std::deque<std::pair<std::uint64_t, Hash>> ordered_order_;  ///< by the time they were ordered
    bool blocks_go_ = false;  ///< the engine may throw old ones away: `Hooks::blocks_will_go`
    std::optional<std::uint64_t> last_commit_ms_;  ///< steady

    mutable std::mutex published_mutex_;
    Published published_;
    std::optional<std::string> fault_;
    ApplicationCounters counters_;
};

}  // namespace tallystick::node
