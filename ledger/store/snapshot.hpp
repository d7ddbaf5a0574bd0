#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/merkle/state_tree.hpp"
#include "ledger/reports/leaf_source.hpp"
#include "ledger/store/store_error.hpp"

namespace tallystick::ledger {

/// The tree after a block.
struct Moment {
    std::uint64_t height;
    TreeSnapshot tree;
};

/// The last thing a validator signed: nothing at or below it is signed again.
struct SignState {
    std::uint64_t height = 0;
    std::int32_t round = 0;
    std::int32_t step = 0;
    friend auto operator<=>(const SignState&, const SignState&) = default;
};

/// One stretch of the chain, under one chain id and one engine.
struct SegmentStart {
    std::string chain_id;
    std::uint64_t first_height = 0;
    pb::Engine engine = pb::ENGINE_SOLO;
    friend bool operator==(const SegmentStart&, const SegmentStart&) = default;
};

/// Who validates from a block on, until the next set.
struct ValidatorsFrom {
    std::uint64_t first_height = 0;
    pb::ValidatorSet validators;
};

class ChainReader;
class StateReader;

/// Chain and state as they were when it was opened. Must not outlive its store. One thread at a
/// time; give it back soon, since pages of the files that it still sees cannot be used again. What
/// it reads is checked before it is given out: a value against its leaf in the tree, a record of
/// the chain against its hash; what does not fit is an error `damaged` that names the record.
class StoreSnapshot final {
  public:
    StoreSnapshot(std::unique_ptr<ChainReader> chain, std::unique_ptr<StateReader> state);
    ~StoreSnapshot();
    StoreSnapshot(const StoreSnapshot&) = delete;
    StoreSnapshot& operator=(const StoreSnapshot&) = delete;

    // The state, after block `state_height`.
    [[nodiscard]] std::uint64_t state_height() const noexcept;
    [[nodiscard]] const TreeSnapshot& tree() const noexcept;
    /// For rules and reports. A damaged value reads as absent and sets `damage`.
    [[nodiscard]] const LeafSource& state() const noexcept;
    /// The first damage that `state` met, if any: check it before an answer is given.
    [[nodiscard]] const std::optional<StoreError>& damage() const noexcept;
    /// Canonical bytes under `key`, or nothing.
    [[nodiscard]] StoreResult<std::optional<std::string>> value(const std::string& key) const;
    /// The key with its value, or its absence, and the proof.
    [[nodiscard]] StoreResult<pb::StateItem> prove(const std::string& key) const;
    /// Leaves whose key begins with `prefix`, ascending, from `from` on (empty: the first), until
    /// `take` says false.
    [[nodiscard]] StoreResult<void> for_each_leaf(
        std::string_view prefix, std::string_view from,
        const std::function<bool(std::string_view key, std::string_view value)>& take) const;

    // The chain, up to block `chain_height` (at least `state_height`). A node that joined late does
    // not have its beginning: whatever asks for that is `not_found`, in words that say so.
    [[nodiscard]] std::uint64_t chain_height() const noexcept;
    [[nodiscard]] std::uint64_t log_size() const noexcept;
    /// The newest block that is not kept here: 0 for a node that was there from the beginning.
    [[nodiscard]] std::uint64_t base_height() const noexcept;
    /// The first entry of the log that is kept here; those before are neither found nor proved.
    [[nodiscard]] std::uint64_t first_entry() const noexcept;
    /// From this entry on the envelopes are kept, and the entries of an account are all found. The
    /// same as `first_entry` unless the node joined late: then its first entries are bare.
    [[nodiscard]] std::uint64_t first_entry_with_block() const noexcept;
    /// Ascending; the first holds block `base_height + 1`.
    [[nodiscard]] const std::vector<SegmentStart>& segments() const noexcept;
    /// With `hash` and `time` in place of header and commit while these have not arrived.
    /// @pre 1 <= height <= chain_height
    [[nodiscard]] StoreResult<pb::BlockRecord> block(std::uint64_t height) const;
    /// not_found while it has not arrived.
    [[nodiscard]] StoreResult<pb::Header> header(std::uint64_t height) const;
    /// not_found while it has not arrived.
    [[nodiscard]] StoreResult<pb::Commit> commit(std::uint64_t height) const;
    /// Who validates block `height`, sorted as headers hash them; known up to two blocks ahead.
    /// @pre base_height < height <= chain_height + 2
    [[nodiscard]] StoreResult<pb::ValidatorSet> validators(std::uint64_t height) const;
    /// Every set that is kept, ascending, at least one for each segment; the first is that of block
    /// `base_height + 1`, the last may count from a block that does not exist yet.
    [[nodiscard]] StoreResult<std::vector<ValidatorsFrom>> validator_sets() const;
    /// After the block; of the genesis for 0. @pre height <= chain_height
    [[nodiscard]] StoreResult<pb::AppState> app_state(std::uint64_t height) const;
    /// Entries of the log before the end of this block.
    [[nodiscard]] StoreResult<std::uint64_t> log_size_at(std::uint64_t height) const;

    /// Canonical pb::LogEntry; not_found below `first_entry`. @pre index < log_size
    [[nodiscard]] StoreResult<std::string> entry(std::uint64_t index) const;
    /// Index of the entry of an envelope or due item, or nothing.
    [[nodiscard]] StoreResult<std::optional<std::uint64_t>> find_entry(const EnvelopeId& id) const;
    /// The same, quicker, when `valid_until` is known (0 for a due item: use the other).
    [[nodiscard]] StoreResult<std::optional<std::uint64_t>> find_entry(
        const EnvelopeId& id, std::uint64_t valid_until) const;
    /// The same by the index of used ids alone, one look-up: for ids that can still be taken, of
    /// which the writer keeps every one in memory and has the last word.
    [[nodiscard]] StoreResult<std::optional<std::uint64_t>> find_live_entry(
        const EnvelopeId& id, std::uint64_t valid_until) const;
    /// Indices of the entries that concern an account, newest first, below `before` and not below
    /// `first_entry_with_block`; at most `most`.
    [[nodiscard]] StoreResult<std::vector<std::uint64_t>> entries_of_account(
        std::string_view account, std::uint64_t before, std::size_t most) const;
    /// The bytes of the envelope that entry `index` answers; nothing for a due item; not_found
    /// below `first_entry_with_block`.
    [[nodiscard]] StoreResult<std::optional<std::string>> envelope_of_entry(
        std::uint64_t index) const;

    /// The entry and its audit path in the log of `size` entries; not_found below `first_entry`.
    /// @pre index < size <= log_size
    [[nodiscard]] StoreResult<pb::LogItem> prove_entry(std::uint64_t index,
                                                       std::uint64_t size) const;
    /// RFC 6962 consistency; not_found from a size below `first_entry`, other than 0.
    /// @pre first <= second <= log_size
    [[nodiscard]] StoreResult<std::vector<Hash>> prove_consistency(std::uint64_t first,
                                                                   std::uint64_t second) const;

    /// Hashes of the complete subtrees that make up the log's first `size` entries, largest first;
    /// not_found below `first_entry`, other than 0. @pre size <= log_size
    [[nodiscard]] StoreResult<std::vector<Hash>> log_edge_of(std::uint64_t size) const;

  private:
    std::unique_ptr<ChainReader> chain_;
    std::unique_ptr<StateReader> state_;
};

}  // namespace tallystick::ledger
