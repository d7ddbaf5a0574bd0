#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/state_view.hpp"
#include "protocol/pb.hpp"
#include "protocol/refusal.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

/// What a node offers to those who talk to it: the API, the operations port, the benchmark. The
/// engine behind it may be any. Every function may be called from any thread.
namespace tallystick::node {

/// What became of an envelope that was handed in. For machines: `answer_status_name`.
enum class AnswerStatus : std::uint8_t {
    done = 1,
    refused = 2,      ///< authorised, but a rule said no; `Answer::code` is the refusal's name
    skipped = 3,      ///< nothing changed and the id is unused; `code` is the skip's name
    malformed = 4,    ///< not an envelope, or a signature is false; `code` says what
    busy = 5,         ///< the queue was full and the envelope was not taken; try again later
    unavailable = 6,  ///< the node takes no writes now (`NodeService::not_ready` says why)
};

[[nodiscard]] std::string_view answer_status_name(AnswerStatus status) noexcept;

/// A log entry and where it stands. Copies share the entry; it lives as long as one of them.
struct LoggedEntry {
    std::shared_ptr<const void> owner;  ///< keeps `entry` and `bytes` alive
    const pb::LogEntry& entry;
    std::string_view bytes;       ///< canonical bytes of `entry`: what the log's leaf hashes
    std::uint64_t log_index = 0;  ///< in the whole log, from 0
};

/// The answer for one envelope.
struct Answer {
    AnswerStatus status = AnswerStatus::unavailable;
    /// Empty where the bytes were no envelope, or were not taken.
    std::optional<EnvelopeId> id;
    std::string_view code;      ///< stable name for machines; empty when done. Static storage
    std::string_view sentence;  ///< for people; empty when done. Static storage
    std::uint32_t refusal = 0;  ///< the refusal's number when refused
    bool first = true;          ///< false: it had been taken before, and this is the first outcome
    /// Done or refused: its entry with height, time, movements. Null otherwise.
    std::shared_ptr<const LoggedEntry> logged;
};

/// What the ledger would say now (`dry_run`).
struct DryRunAnswer {
    AnswerStatus status = AnswerStatus::unavailable;  ///< never `busy`
    std::optional<EnvelopeId> id;
    std::string_view code;
    std::string_view sentence;
    std::uint32_t refusal = 0;
    std::vector<pb::Movement> movements;  ///< when it would be done
    std::uint64_t now = 0;                ///< the seconds it was judged at
};

/// Where the ledger stands.
struct Head {
    std::uint64_t height = 0;           ///< newest durable block; 0 before the first
    std::uint64_t time_ms = 0;          ///< its time, milliseconds since 1970-01-01 UTC
    Hash header_hash;                   ///< its header's hash
    Hash app_hash;                      ///< after it; the next header carries this
    pb::AppState app_state;             ///< the pieces of `app_hash`
    std::uint64_t provable_height = 0;  ///< newest block whose outcome some header carries
};

/// Why something could not be read.
enum class ReadError : std::uint8_t {
    not_found = 1,
    not_provable_yet = 2,  ///< no header carries it within the time; ask again
    damaged = 3,           ///< a record does not fit the hashes that cover it: never served
    unavailable = 4,       ///< an input/output error, or the node is stopping
};

/// The state at one height, for as long as the object lives; reading it never waits for the writer.
/// Hold it briefly (a request): it keeps old pages of the store alive. One thread at a time.
class Snapshot {
  public:
    virtual ~Snapshot() = default;

    [[nodiscard]] virtual std::uint64_t height() const = 0;
    [[nodiscard]] virtual std::uint64_t time() const = 0;  ///< the block's seconds
    [[nodiscard]] virtual const ledger::StateView& state() const = 0;

    /// Calls `visit` with every leaf whose key begins with `prefix` and is not before `start`, in
    /// ascending order of key, until it returns false. Key and value are valid during the call.
    virtual void scan(
        std::string_view prefix, std::string_view start,
        const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;

    /// Indexes into the log of the entries that concern an account (it acted, co-signed, or stands
    /// in a movement), newest first, below `before`, at most `most`. Errors: damaged, unavailable.
    [[nodiscard]] virtual Result<std::vector<std::uint64_t>, ReadError> entries_of_account(
        std::string_view account, std::uint64_t before, std::size_t most) const = 0;

    /// Entries of the log that this snapshot knows of.
    [[nodiscard]] virtual std::uint64_t log_size() const = 0;

    /// One entry of the log. Errors: not_found, damaged, unavailable.
    [[nodiscard]] virtual Result<LoggedEntry, ReadError> entry(std::uint64_t log_index) const = 0;

    /// The envelope behind an entry. Errors: not_found (a due item too), damaged, unavailable.
    [[nodiscard]] virtual Result<std::string, ReadError> envelope(
        std::uint64_t log_index) const = 0;

    /// Did anything read through this snapshot not fit the hashes that cover it? Such a value read
    /// as absent: ask before an answer is given, and give none if so.
    [[nodiscard]] virtual bool is_damaged() const = 0;
};

/// State entries with their proofs, all of one height, and the light block that carries their root.
/// The pieces of a pb::Receipt.
struct ProvedState {
    std::vector<pb::StateItem> items;  ///< in the order of the keys asked for
    pb::AppState app_state;
    pb::LightBlock block;
};

/// A log entry with its proof, its envelope (empty for a due item), and the light block.
struct ProvedEntry {
    pb::LogItem item;
    std::string envelope;
    pb::AppState app_state;
    pb::LightBlock block;
};

/// RFC 6962 consistency between two sizes of the log.
struct ConsistencyProof {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    Hash first_root;
    Hash second_root;
    std::vector<Hash> path;
};

/// The entries of one block as they became durable, for those who listen.
struct BlockEvent {
    std::uint64_t height = 0;
    std::uint64_t time_ms = 0;
    std::vector<std::shared_ptr<const LoggedEntry>> entries;  ///< due items first
};

/// Ends a subscription when it goes. May outlive the service.
class Subscription {
  public:
    virtual ~Subscription() = default;
};

/// The engine's process beside a node of a network, for /metrics.
struct EngineHealthMetrics {
    bool up = false;
    std::uint32_t peers = 0;
    std::uint64_t blocks_behind = 0;  ///< how many blocks the network has that are not here
    std::uint64_t restarts = 0;
    std::uint64_t mempool_transactions = 0;
    std::uint64_t mempool_bytes = 0;
};

/// Counters since start and gauges, for /metrics.
struct NodeMetrics {
    std::uint64_t height = 0;
    std::uint64_t provable_height = 0;
    std::uint64_t head_time_ms = 0;
    std::uint64_t log_size = 0;
    std::uint64_t due_items = 0;          ///< in the index of deadlines
    std::uint64_t due_items_overdue = 0;  ///< 1 if the first is overdue, else 0
    std::uint64_t queue_envelopes = 0;    ///< waiting for verification or a block
    std::uint64_t queue_envelopes_max = 0;
    std::uint64_t queue_bytes = 0;
    std::uint64_t queue_bytes_max = 0;
    std::uint64_t submitted_total = 0;
    std::uint64_t done_total = 0;
    std::uint64_t refused_total = 0;
    std::uint64_t skipped_total = 0;
    std::uint64_t malformed_total = 0;
    std::uint64_t busy_total = 0;
    std::uint64_t repeated_total = 0;  ///< answered with their first outcome
    std::uint64_t blocks_total = 0;
    std::uint64_t empty_blocks_total = 0;
    std::uint64_t due_done_total = 0;
    std::uint64_t signatures_verified_total = 0;
    std::uint64_t commit_microseconds_total = 0;   ///< durable writes of the chain
    std::uint64_t execute_microseconds_total = 0;  ///< rules, tree and encoding
    std::uint64_t bundles_refused_total = 0;       ///< kept out of the mempool, or taken out of it
    std::uint64_t proposals_rejected_total = 0;
    std::optional<EngineHealthMetrics> engine;  ///< nothing under solo
};

/// How this node's part of the network does: who orders blocks, and whether they come.
struct NetworkState {
    pb::Engine engine = pb::ENGINE_SOLO;  ///< of the segment that is being written
    /// False: envelopes wait and for ten seconds no block has taken any; new ones are answered
    /// `unavailable` with the code `no_progress` until one does.
    bool makes_progress = true;
    bool catching_up = false;  ///< the engine says that its peers have blocks that are not here yet
    std::uint32_t peers = 0;   ///< connected; 0 under solo
    std::uint64_t waiting_envelopes = 0;  ///< taken and not ordered yet
    /// Does this node's key belong to an authority of the ledger? An observer only reads, and
    /// answers envelopes `unavailable` with the code `observer`.
    bool is_observer = false;
};

/// One stretch of the chain under one chain id.
struct SegmentInfo {
    std::string chain_id;
    std::uint64_t first_height = 0;
};

/// Who validates from a height on.
struct ValidatorsFrom {
    std::uint64_t first_height = 0;
    pb::ValidatorSet validators;
};

/// A snapshot that nodes which join late can take from this one.
struct SnapshotHere {
    std::uint64_t height = 0;  ///< the state after this block
    std::uint32_t format = 0;
    std::uint32_t chunks = 0;
};

/// From where on a node has the ledger. One that joined late does not have its beginning.
struct KeptFrom {
    std::uint64_t height = 1;     ///< its first block
    std::uint64_t log_index = 0;  ///< its first entry
};

/// What a dry run is given.
enum class DryRunForm : std::uint8_t {
    envelope,  ///< signatures are verified and policies must be satisfied
    body,      ///< unsigned: answered as if every named account had signed
};

class NodeService {
  public:
    virtual ~NodeService() = default;

    // --- Writing

    /// Called once, on a thread of the node; must not block.
    using SubmitDone = std::function<void(std::vector<Answer>)>;

    /// Hands in raw envelopes. `done` gets one answer for each, in their order, once all are
    /// decided: durable and readable, or not taken. It may be called before `submit` returns.
    /// Sending an envelope again is safe and gives its first outcome. Envelopes beyond the queue's
    /// bounds are answered `busy`, the others of the batch are taken.
    virtual void submit(std::vector<std::string> envelopes, SubmitDone done) = 0;

    /// What the ledger would say to an envelope or an unsigned body (whose nonce may be anything of
    /// the right size). Changes nothing.
    [[nodiscard]] virtual DryRunAnswer dry_run(std::string bytes, DryRunForm form) const = 0;

    // --- Reading

    [[nodiscard]] virtual Head head() const = 0;

    /// The state at the newest height whose outcomes have been answered. Errors: unavailable.
    [[nodiscard]] virtual Result<std::unique_ptr<Snapshot>, ReadError> snapshot() const = 0;

    /// The first outcome of this id (of an envelope or a due item). Errors: not_found, damaged,
    /// unavailable.
    [[nodiscard]] virtual Result<LoggedEntry, ReadError> lookup(const EnvelopeId& id) const = 0;

    /// One entry of the log. Errors: not_found, damaged, unavailable.
    [[nodiscard]] virtual Result<LoggedEntry, ReadError> entry(std::uint64_t log_index) const = 0;

    /// The envelope behind an entry. Errors: not_found (a due item too), damaged, unavailable.
    [[nodiscard]] virtual Result<std::string, ReadError> envelope(
        std::uint64_t log_index) const = 0;

    /// Header, commit, bundles and entries; header and commit may be missing from the newest blocks
    /// of a network, which have `hash` and `time` then. Errors: not_found, damaged, unavailable.
    [[nodiscard]] virtual Result<pb::BlockRecord, ReadError> block(std::uint64_t height) const = 0;

    /// Header, commit and the validators of that height. Errors: not_found, not_provable_yet (the
    /// block is there, its header is not yet), damaged, unavailable.
    [[nodiscard]] virtual Result<pb::LightBlock, ReadError> light_block(
        std::uint64_t height) const = 0;

    // --- Proofs

    using ProvedStateDone = std::function<void(Result<ProvedState, ReadError>)>;
    using ProvedEntryDone = std::function<void(Result<ProvedEntry, ReadError>)>;

    /// Proves what stands under each key (or that nothing does) at the newest height that a header
    /// carries or is about to carry: waits for that header, a few milliseconds at most under load.
    /// `done` is called once, maybe before this returns, maybe on a thread of the node; it must not
    /// block. At most `proof_keys_max` keys. Errors: not_provable_yet, damaged, unavailable.
    virtual void prove_state(std::vector<std::string> keys, ProvedStateDone done) const = 0;
    static constexpr std::size_t proof_keys_max = 256;

    /// Proves an entry of the log under the newest header. Errors: not_found, not_provable_yet,
    /// damaged, unavailable.
    virtual void prove_entry(std::uint64_t log_index, ProvedEntryDone done) const = 0;

    /// Sizes are those that some block left the log with, since only those stand in headers; 0 for
    /// `second` means the newest that a header carries. Errors: not_found (`first` above `second`,
    /// or a size that no block ended with); damaged, unavailable.
    [[nodiscard]] virtual Result<ConsistencyProof, ReadError> prove_consistency(
        std::uint64_t first, std::uint64_t second) const = 0;

    // --- Listening

    /// Called in order of height on a thread of the node once a block is durable; must not block:
    /// hand the event to a queue of your own and drop the listener when that is full (it can catch
    /// up with `entry`).
    using BlockListener = std::function<void(const std::shared_ptr<const BlockEvent>&)>;

    [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(BlockListener listener) = 0;

    // --- About the node

    [[nodiscard]] virtual const pb::GenesisFile& genesis_file() const = 0;
    [[nodiscard]] virtual const pb::Genesis& genesis() const = 0;
    [[nodiscard]] virtual const LedgerId& ledger_id() const = 0;
    /// Of the segment that is being written. Constant while the process runs.
    [[nodiscard]] virtual const std::string& chain_id() const = 0;
    /// The nodes with power as the newest state has them, sorted as headers hash them.
    [[nodiscard]] virtual pb::ValidatorSet validators() const = 0;

    /// Ascending, never empty. By default one segment from block 1 on.
    [[nodiscard]] virtual std::vector<SegmentInfo> segments() const { return {{chain_id(), 1}}; }
    /// Every set of validators there was, ascending by the first height that it signed, as far as
    /// this node has blocks (one that joined late begins at its first). Errors: damaged,
    /// unavailable. By default that of now, from block 1 on.
    [[nodiscard]] virtual Result<std::vector<ValidatorsFrom>, ReadError> validator_sets() const {
        return std::vector<ValidatorsFrom>{{1, validators()}};
    }
    /// How segment number `segment` (from 2 on) followed the one before, with both blocks; slots of
    /// the commits blank. Errors: not_found (also while its first block has no header, and where
    /// this node joined later), damaged, unavailable. By default not_found.
    [[nodiscard]] virtual Result<pb::HandoverRecord, ReadError> handover(std::uint32_t) const {
        return Failure{ReadError::not_found};
    }

    /// Constant while the process runs. By default everything.
    [[nodiscard]] virtual KeptFrom kept_from() const { return {}; }

    // --- For nodes that join late

    /// Newest first; only those that can be taken now. By default none.
    [[nodiscard]] virtual std::vector<SnapshotHere> snapshots() const { return {}; }

    /// How near each validator's turn to propose is at a block, in the order of `validators`, the
    /// block's own set: from this node's engine. Errors: not_found (the engine does not keep that
    /// block any longer, or not yet), unavailable (it is busy, or does not answer). By default
    /// not_found.
    [[nodiscard]] virtual Result<std::vector<std::int64_t>, ReadError> proposer_priorities(
        std::uint64_t, const pb::ValidatorSet&) const {
        return Failure{ReadError::not_found};
    }

    [[nodiscard]] virtual NodeMetrics metrics() const = 0;

    /// Under solo there is no network: the default.
    [[nodiscard]] virtual NetworkState network_state() const { return {}; }

    /// Why the node is not ready, each a plain sentence; empty when it is.
    [[nodiscard]] virtual std::vector<std::string> not_ready() const = 0;
};

}  // namespace tallystick::node
