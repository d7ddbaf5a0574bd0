#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/block_stages.hpp"
#include "ledger/merkle/log_tree.hpp"
#include "ledger/store/chain_head.hpp"
#include "ledger/store/lmdb.hpp"
#include "ledger/store/snapshot.hpp"
#include "ledger/store/term_runs.hpp"

/// The chain: the truth. Appended and made durable block by block; nothing in it ever changes but
/// the sign-state. Tables (numbers big-endian, records sealed as record.hpp says):
///
///     meta     name -> ledger_id | chain_id | version | genesis | sign_state | barred
///     blocks   height (8) -> first entry (8), entries (8), bundles (8), then pb::BlockRecord
///              without bundles and entries; height 0 holds the app state of the genesis
///     bundles  height (8) number (4) -> canonical pb::Bundle
///     entries  index (8) -> leaf hash (32), check of index and leaf hash (16), canonical
///              pb::LogEntry
///     ids      valid_until (8) id (32) -> index (8)
///     nodes    level (4) index (8) -> hash (32)
///     runs     see term_runs.hpp
///
/// Beside the environment stands the file `head`: see chain_head.hpp.
namespace tallystick::ledger {

struct ChainTables {
    LmdbTable meta, blocks, bundles, entries, ids, nodes, runs;
    [[nodiscard]] static ChainTables open(Lmdb& environment);
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

/// One version of the chain. Every function throws `LmdbFailure`: `damaged` for a record that is
/// missing or does not fit its check. One thread at a time.
class ChainReader {
  public:
    ChainReader(LmdbRead read, const ChainTables& tables);

    [[nodiscard]] std::uint64_t height() const noexcept { return height_; }
    [[nodiscard]] std::uint64_t log_size() const noexcept { return log_size_; }

    [[nodiscard]] std::string meta(std::string_view name) const;
    [[nodiscard]] SignState sign_state() const;
    [[nodiscard]] StoredBlock block(std::uint64_t height) const;
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
    LmdbRead read_;
    ChainTables tables_;
    std::uint64_t height_ = 0;
    std::uint64_t log_size_ = 0;
};

/// What one append takes.
struct ChainAppend {
    std::uint64_t height;
    const pb::Header& header;
    const pb::Commit& commit;
    std::span<const std::string> bundles;
    std::span<const EncodedEntry> entries;
    std::uint64_t first_entry;
    std::span<const LogNode> nodes;
    const pb::AppState& app_state;
    SignState sign_state;
};

inline constexpr std::uint32_t chain_format_version = 1;

/// Functions throw `LmdbFailure`. One writer; `read` from any thread.
class ChainStore {
  public:
    ChainStore(const std::filesystem::path& folder, std::uint64_t map_bytes, bool read_only);

    /// Fills a new environment. @param genesis_state after the genesis
    void create(const LedgerId& ledger_id, const std::string& chain_id,
                const std::string& genesis_file, const pb::AppState& genesis_state);
    [[nodiscard]] ChainReader read() const;
    /// Throws `damaged` if the chain ends below a block that was durable in it.
    void check_head() const;
    void append(const ChainAppend& block);
    void set_barred(bool barred);
    void copy_to(const std::filesystem::path& file) const { environment_.copy_to(file); }

  private:
    Lmdb environment_;
    ChainTables tables_;
    ChainHead head_;
    std::optional<OpenRuns> open_runs_;
};

}  // namespace tallystick::ledger
