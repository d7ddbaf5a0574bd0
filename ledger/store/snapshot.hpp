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

    // The chain, up to block `chain_height` (at least `state_height`).
    [[nodiscard]] std::uint64_t chain_height() const noexcept;
    [[nodiscard]] std::uint64_t log_size() const noexcept;
    /// @pre 1 <= height <= chain_height
    [[nodiscard]] StoreResult<pb::BlockRecord> block(std::uint64_t height) const;
    [[nodiscard]] StoreResult<pb::Header> header(std::uint64_t height) const;
    [[nodiscard]] StoreResult<pb::Commit> commit(std::uint64_t height) const;
    /// After the block; of the genesis for 0.
    [[nodiscard]] StoreResult<pb::AppState> app_state(std::uint64_t height) const;
    /// Entries of the log before the end of this block.
    [[nodiscard]] StoreResult<std::uint64_t> log_size_at(std::uint64_t height) const;

    /// Canonical pb::LogEntry. @pre index < log_size
    [[nodiscard]] StoreResult<std::string> entry(std::uint64_t index) const;
    /// Index of the entry of an envelope or due item, or nothing.
    [[nodiscard]] StoreResult<std::optional<std::uint64_t>> find_entry(const EnvelopeId& id) const;
    /// The same, quicker, when `valid_until` is known (0 for a due item: use the other).
    [[nodiscard]] StoreResult<std::optional<std::uint64_t>> find_entry(
        const EnvelopeId& id, std::uint64_t valid_until) const;
    /// The same by the index of used ids alone, one look-up: for ids that can still be taken, of which
    /// the writer keeps every one in memory and has the last word.
    [[nodiscard]] StoreResult<std::optional<std::uint64_t>> find_live_entry(
        const EnvelopeId& id, std::uint64_t valid_until) const;
    /// Indices of the entries that concern an account, newest first, below `before`; at most
    /// `most`.
    [[nodiscard]] StoreResult<std::vector<std::uint64_t>> entries_of_account(
        std::string_view account, std::uint64_t before, std::size_t most) const;
    /// The bytes of the envelope that entry `index` answers; nothing for a due item.
    [[nodiscard]] StoreResult<std::optional<std::string>> envelope_of_entry(
        std::uint64_t index) const;

    /// The entry and its audit path in the log of `size` entries. @pre index < size <= log_size
    [[nodiscard]] StoreResult<pb::LogItem> prove_entry(std::uint64_t index,
                                                       std::uint64_t size) const;
    /// RFC 6962 consistency. @pre first <= second <= log_size
    [[nodiscard]] StoreResult<std::vector<Hash>> prove_consistency(std::uint64_t first,
                                                                   std::uint64_t second) const;

  private:
    std::unique_ptr<ChainReader> chain_;
    std::unique_ptr<StateReader> state_;
};

}  // namespace tallystick::ledger
