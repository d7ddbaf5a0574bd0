#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ledger/store/store.hpp"
#include "node/engine/cometbft/cometbft_engine.hpp"
#include "node/engine/engine.hpp"
#include "node/engine/solo.hpp"
#include "node/node_service.hpp"
#include "node/pipeline/verifier.hpp"
#include "node/read_side.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::node {

struct LedgerNodeOptions {
    VerifierOptions verifier;
    SoloOptions solo;
    /// There if the ledger's newest segment is ordered by a network's engine.
    std::optional<CometbftOptions> cometbft;
    /// The data folder, in which records of handovers are kept; empty: none are.
    std::filesystem::path data = {};
};

/// One authority's node: verification in parallel, one writer, readers that never wait for it.
class LedgerNode final : public NodeService {
  public:
    /// Puts the parts together; nothing runs but the verifier's threads until `start`. Errors, a
    /// sentence: the options are for another engine than the one that orders the ledger's newest
    /// segment; under solo, the key is not that of the one node; a record cannot be read.
    /// @pre `initialise_crypto()` succeeded.
    [[nodiscard]] static Result<std::unique_ptr<LedgerNode>, std::string> create(
        std::unique_ptr<ledger::Store> store, SigningKey key, LedgerNodeOptions options);
    /// `shut_down` with no time, if it was not called.
    ~LedgerNode() override;
    LedgerNode(const LedgerNode&) = delete;
    LedgerNode& operator=(const LedgerNode&) = delete;

    /// Begins to take envelopes and to make blocks; block 1 if there is none. A folder that is
    /// barred from signing is only read.
    void start();

    /// Waits until block 1 is durable and its header is here. True at once where none will be made:
    /// the folder is barred from signing, or writing has stopped (readiness says so). False after
    /// `limit`; in a network it may depend on the others when the first block comes.
    [[nodiscard]] bool wait_for_first_block(std::chrono::milliseconds limit) const;

    /// Takes nothing new, orders and answers what is under way (at most `limit` for what is still
    /// in verification), makes the state durable. Reading goes on. Once. The error is a sentence.
    [[nodiscard]] Result<void, std::string> shut_down(std::chrono::milliseconds limit);

    /// Copies the ledger while it runs. See ledger::Store::backup_to. Any thread.
    [[nodiscard]] ledger::StoreResult<void> backup_to(const std::filesystem::path& target) const;

    /// Chain and state for an export. Any thread.
    [[nodiscard]] ledger::StoreResult<std::unique_ptr<ledger::StoreSnapshot>> open_snapshot() const;

    void submit(std::vector<std::string> envelopes, SubmitDone done) override;
    [[nodiscard]] DryRunAnswer dry_run(std::string bytes, DryRunForm form) const override;
    [[nodiscard]] Head head() const override;
    [[nodiscard]] Result<std::unique_ptr<Snapshot>, ReadError> snapshot() const override;
    [[nodiscard]] Result<LoggedEntry, ReadError> lookup(const EnvelopeId& id) const override;
    [[nodiscard]] Result<LoggedEntry, ReadError> entry(std::uint64_t log_index) const override;
    [[nodiscard]] Result<std::string, ReadError> envelope(std::uint64_t log_index) const override;
    [[nodiscard]] Result<pb::BlockRecord, ReadError> block(std::uint64_t height) const override;
    [[nodiscard]] Result<pb::LightBlock, ReadError> light_block(
        std::uint64_t height) const override;
    void prove_state(std::vector<std::string> keys, ProvedStateDone done) const override;
    void prove_entry(std::uint64_t log_index, ProvedEntryDone done) const override;
    [[nodiscard]] Result<ConsistencyProof, ReadError> prove_consistency(
        std::uint64_t first, std::uint64_t second) const override;
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(BlockListener listener) override;
    [[nodiscard]] const pb::GenesisFile& genesis_file() const override;
    [[nodiscard]] const pb::Genesis& genesis() const override;
    [[nodiscard]] const LedgerId& ledger_id() const override;
    [[nodiscard]] const std::string& chain_id() const override;
    [[nodiscard]] pb::ValidatorSet validators() const override;
    [[nodiscard]] std::vector<SegmentInfo> segments() const override;
    [[nodiscard]] Result<std::vector<ValidatorsFrom>, ReadError> validator_sets() const override;
    [[nodiscard]] Result<pb::HandoverRecord, ReadError> handover(
        std::uint32_t segment) const override;
    [[nodiscard]] KeptFrom kept_from() const override;
    [[nodiscard]] std::vector<SnapshotHere> snapshots() const override;
    [[nodiscard]] Result<std::vector<std::int64_t>, ReadError> proposer_priorities(
        std::uint64_t height, const pb::ValidatorSet& validators) const override;
    [[nodiscard]] NodeMetrics metrics() const override;
    [[nodiscard]] NetworkState network_state() const override;
    [[nodiscard]] std::vector<std::string> not_ready() const override;

  private:
    struct Begin {
        Head head;
        KeptFrom kept_from;
    };
    LedgerNode(std::unique_ptr<ledger::Store> store, SigningKey key, const Begin& begin,
               LedgerNodeOptions options);
    [[nodiscard]] std::unique_ptr<Engine> make_engine(LedgerNodeOptions options);
    /// Keeps the proof of a handover while the state is the one that proves it.
    void keep_handover_of(const BlockEvent& block);
    void keep_handover_now() const;

    [[nodiscard]] Verifier::Precheck begin_prechecks() const;
    /// What is said of an envelope's time at `now`, as execution would.
    [[nodiscard]] std::uint64_t now_seconds() const;

    std::unique_ptr<ledger::Store> store_;
    SigningKey key_;
    Clock clock_;
    bool barred_;
    KeptFrom kept_from_;
    mutable std::mutex writer_mutex_;
    std::unique_ptr<ReadSide> read_side_;
    std::filesystem::path data_;
    unsigned handover_watched_ = 0;  ///< blocks that may still end a segment; the writer's side
    std::unique_ptr<Subscription> handover_listener_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Verifier> verifier_;  ///< goes first: its threads call the engine
    std::atomic<bool> started_{false};
    std::atomic<bool> stopping_{false};
};

}  // namespace tallystick::node
