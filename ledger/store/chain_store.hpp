#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ledger/block_stages.hpp"
#include "ledger/merkle/log_tree.hpp"
#include "ledger/store/chain_head.hpp"
#include "ledger/store/lmdb.hpp"
#include "ledger/store/snapshot.hpp"
#include "ledger/store/term_runs.hpp"

/// The chain: the truth. Appended and made durable block by block; nothing in it ever changes but
/// the sign-state, and that headers and commits may arrive after their blocks. Tables (numbers
/// big-endian, records sealed as record.hpp says):
///
///     meta        name -> ledger_id | version | genesis | sign_state | barred | base
///     segments    first height (8) -> pb::Segment
///     validators  first height (8) -> pb::ValidatorSet, of that block and those after it; one at
///     the
///                 first block of each segment
///     blocks   height (8) -> first entry (8), entries (8), bundles (8), then pb::BlockRecord
///              without bundles and entries; the base holds only an app state and a time
///     bundles  height (8) number (4) -> canonical pb::Bundle
///     entries  index (8) -> leaf hash (32), check of index and leaf hash (16), canonical
///              pb::LogEntry
///     ids      valid_until (8) id (32) -> index (8)
///     nodes    level (4) index (8) -> hash (32)
///     runs     see term_runs.hpp
///
/// `base` is `height (8) first entry (8) first entry with block (8)`: three zeros for a chain that
/// begins with its genesis. One that begins with a snapshot (snapshot_reader.hpp) has no block up
/// to that height, no entry before the second number, and only the id as a term of those before the
/// third.
///
/// Beside the environment stands the file `head`: see chain_head.hpp.
namespace tallystick::ledger {

struct ChainTables {
    LmdbTable meta, segments, validators, blocks, bundles, entries, ids, nodes, runs;
    [[nodiscard]] static ChainTables open(Lmdb& environment);
};

/// Where the chain begins here and what it is divided into.
struct ChainShape {
    std::uint64_t base_height = 0;
    std::uint64_t first_entry = 0;
    std::uint64_t first_entry_with_block = 0;
    std::vector<SegmentStart> segments = {};  ///< ascending, never empty once it is read

    /// @pre height > base_height
    [[nodiscard]] const SegmentStart& segment_of(std::uint64_t height) const;
};

/// What a chain is of, checked.
struct ChainConstants {
    pb::ValidatorSet segment_validators;  ///< of the newest segment's first block
    LedgerId ledger_id;
    pb::GenesisFile genesis_file;
    pb::Genesis genesis;
};

/// What stands before the BlockRecord in `blocks`.
struct BlockExtent {
    std::uint64_t first_entry = 0;
    std::uint64_t entries = 0;
    std::uint64_t bundles = 0;
};

struct StoredBlock {
    BlockExtent extent;
    pb::BlockRecord record;  ///< without bundles and entries
};

/// The time of a block, whether or not its header has arrived.
[[nodiscard]] const pb::Timestamp& time_of(const pb::BlockRecord& record);
/// The evidence that came with it, as the state machine takes it.
[[nodiscard]] std::vector<pb::Misbehaviour> misbehaviours_of(const pb::BlockRecord& record);
/// The hash of its header; empty for the base.
[[nodiscard]] std::string hash_of(const pb::BlockRecord& record);

/// One version of the chain. Every function throws `LmdbFailure`: `damaged` for a record that is
/// missing or does not fit its check, `not_found` for one before the base. One thread at a time.
class ChainReader {
  public:
    ChainReader(LmdbRead read, const ChainTables& tables, std::shared_ptr<const ChainShape> shape);

    [[nodiscard]] const ChainShape& shape() const noexcept { return *shape_; }
    [[nodiscard]] std::uint64_t height() const noexcept { return height_; }
    [[nodiscard]] std::uint64_t log_size() const noexcept { return log_size_; }

    [[nodiscard]] std::string meta(std::string_view name) const;
    [[nodiscard]] SignState sign_state() const;
    /// Also the base's, which is no more than what the chain begins with.
    [[nodiscard]] StoredBlock block(std::uint64_t height) const;
    /// Throws `not_found` for the base and what was before it.
    void check_kept(std::uint64_t height) const;
    /// The set of block `height`. @pre base_height < height
    [[nodiscard]] ValidatorsFrom validators(std::uint64_t height) const;
    [[nodiscard]] std::vector<ValidatorsFrom> validator_sets() const;
    [[nodiscard]] std::vector<std::string> bundles(std::uint64_t height,
                                                   const BlockExtent& extent) const;
    /// Content and leaf hash, checked against each other.
    [[nodiscard]] std::string entry(std::uint64_t index) const;
    [[nodiscard]] Hash entry_leaf(std::uint64_t index) const;
    [[nodiscard]] std::optional<std::uint64_t> find(const EnvelopeId& id,
                                                    std::uint64_t valid_until) const;
    [[nodiscard]] std::optional<std::uint64_t> find(const EnvelopeId& id) const;
    /// Of the index of used ids alone: one seek.
    [[nodiscard]] std::optional<std::uint64_t> find_used(const EnvelopeId& id,
                                                         std::uint64_t valid_until) const;
    [[nodiscard]] std::vector<std::uint64_t> of_account(std::string_view account,
                                                        std::uint64_t before,
                                                        std::size_t most) const;
    /// Hash of a complete subtree of the log.
    [[nodiscard]] Hash node(LogNodeId id) const;
    /// Ids that can be taken at or after `from`, ascending by `valid_until`, then id.
    void for_each_id(std::uint64_t from,
                     const std::function<void(std::uint64_t valid_until, const EnvelopeId& id,
                                              std::uint64_t index)>& take) const;
    /// Every term of the runs, and every stored node of the log, for `verify`.
    void for_each_run_term(const std::function<void(const Term&)>& take) const;
    void for_each_node(const std::function<void(LogNodeId, const Hash&)>& take) const;

  private:
    void check_entry_kept(std::uint64_t index) const;
    [[nodiscard]] RunSpan runs() const { return {shape_->first_entry, log_size_}; }

    LmdbRead read_;
    ChainTables tables_;
    std::shared_ptr<const ChainShape> shape_;
    std::uint64_t height_ = 0;
    std::uint64_t log_size_ = 0;
};

/// What one append takes.
struct ChainAppend {
    std::uint64_t height;
    pb::BlockRecord record;  ///< without bundles and entries
    std::span<const std::string> bundles;
    std::span<const EncodedEntry> entries;
    std::uint64_t first_entry;
    std::span<const LogNode> nodes;
    SignState sign_state;
    const pb::ValidatorSet* validators = nullptr;  ///< from `height + 2` on, if they are others
};

/// A chain that begins with this.
struct ChainBase {
    std::uint64_t height = 0;
    std::uint64_t first_entry = 0;
    pb::BlockRecord record;       ///< app state, and the time if it is not the genesis
    pb::Segment segment;          ///< that holds block `height + 1`
    pb::ValidatorSet validators;  ///< of that block
};

/// Entries of a log whose blocks are not here.
struct BareEntries {
    std::uint64_t first_entry = 0;
    std::span<const EncodedEntry> entries;
    std::span<const LogNode> nodes;  ///< to be stored with them
};

inline constexpr std::uint32_t chain_format_version = 1;

/// A sealed record that must be there. Throws `damaged`.
[[nodiscard]] std::string_view required(const LmdbRead& read, LmdbTable table,
                                        std::string_view name, std::string_view key);

/// Functions throw `LmdbFailure`. One writer; `read` from any thread.
class ChainStore {
  public:
    ChainStore(const std::filesystem::path& folder, std::uint64_t map_bytes, bool read_only);

    /// Before `create`, for a chain that begins with a snapshot: entries in order, and before the
    /// first of them the nodes that are left of it.
    void import(const BareEntries& bare);
    /// Fills a new environment, or finishes one with imported entries.
    void create(const LedgerId& ledger_id, const std::string& genesis_file, const ChainBase& base);
    /// Reads and checks what does not change: throws `newer_version`, `damaged`. Before `read`.
    [[nodiscard]] ChainConstants load();
    /// @pre `load` or `create` was called.
    [[nodiscard]] ChainReader read() const;
    [[nodiscard]] const ChainShape& shape() const noexcept { return *shape_; }
    /// Throws `damaged` if the chain ends below a block that was durable in it.
    void check_head() const;
    void append(const ChainAppend& block);
    /// Puts blocks in the place of what is there, for headers and commits that arrived. May run
    /// beside `append`.
    void replace(std::span<const std::pair<std::uint64_t, StoredBlock>> blocks);
    /// While nothing else uses it.
    void begin_segment(const pb::Segment& segment);
    void set_barred(bool barred);
    void copy_to(const std::filesystem::path& file) const { environment_.copy_to(file); }

  private:
    Lmdb environment_;
    ChainTables tables_;
    ChainHead head_;
    std::shared_ptr<const ChainShape> shape_;
    std::optional<OpenRuns> open_runs_;
};

}  // namespace tallystick::ledger
