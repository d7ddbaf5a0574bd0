#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/block_stages.hpp"
#include "ledger/merkle/log_tree.hpp"
#include "ledger/merkle/state_tree.hpp"
#include "ledger/state_machine.hpp"
#include "ledger/store/snapshot.hpp"
#include "ledger/store/store_error.hpp"

namespace tallystick::ledger {

/// How a store behaves. Sizes of the maps are address space, not disk.
struct StoreOptions {
    std::uint64_t checkpoint_blocks = 512;    ///< the state is made durable this often
    std::uint64_t copy_blocks = 20000;        ///< the state is copied this often; two copies stay
    std::size_t records_cached_max = 262144;  ///< decoded values kept for the writer
    std::uint64_t chain_map_bytes = 1ULL << 40;  ///< grown to 4 times what is used when opened
    std::uint64_t state_map_bytes = 1ULL << 38;
    bool laws_in_full_at_start =
        true;  ///< every law over every leaf before the store is handed out
    /// Told of what a slow start does, in words; may be empty.
    std::function<void(std::string_view)> progress = {};
};

/// The block that goes with what was executed.
struct BlockToStore {
    std::uint64_t height = 0;
    const pb::Header& header;
    const pb::Commit& commit;
    std::span<const std::string> bundles;  ///< canonical pb::Bundle, in order
    SignState sign_state;                  ///< becomes durable in the same transaction
};

/// What `advance` worked out.
struct AdvancedBlock {
    std::uint64_t height = 0;
    pb::AppState app_state;         ///< after the block
    std::uint64_t first_entry = 0;  ///< index in the log of the block's first entry
    std::vector<LogNode> nodes;     ///< of the log, to be stored
    Moment moment;                  ///< the tree after the block
};

/// A data folder: the chain, the state that caches it, and in memory the trees, the deadlines and
/// the used ids. A folder holds `chain/`, `state/`, `copies/`, `lock` and at times `state.marker`.
///
/// One block takes these steps, in this order; a height is advanced, appended and applied once:
///
///     result  = execute_block(store.ledger_id(), store.view(), store.used_ids(), store.due(), in)
///     encoded = begin_encoding(result); encode_part(...)     by any threads
///     advanced = store.advance(encoded, height, now)         memory only, cannot fail
///     store.append(block, *encoded, advanced)                durable: outcomes may be acknowledged
///     store.apply(*encoded, height)                          readers see it
///     store.settle(height)                                   memory of it can go
///
/// Threads: `view`, `used_ids`, `due`, `advance` and `settle` belong to the writer. `append` and
/// `apply` may run on one other thread, in the order of heights, while the writer is ahead.
/// `open_snapshot`, `copy_state`, `backup_to` and the constants may be called from any thread.
///
/// After an error of `append` or `apply` nothing more is written (`read_only`): the process should
/// answer reads, refuse writes, and be started again once the cause is gone.
class Store {
  public:
    /// Makes a data folder that holds the genesis and no block. Errors: exists, out_of_space,
    /// input_output; damaged if the genesis breaks a rule.
    [[nodiscard]] static StoreResult<void> create(const std::filesystem::path& folder,
                                                  const pb::GenesisFile& genesis,
                                                  const std::string& chain_id);

    /// Opens a data folder, rebuilds the state if it is not sound, and checks that it fits the
    /// chain. Errors: not_found, in_use, newer_version, other_ledger (if `expected` is given and is
    /// not this ledger), damaged, out_of_space, input_output.
    [[nodiscard]] static StoreResult<std::unique_ptr<Store>> open(
        const std::filesystem::path& folder, StoreOptions options,
        std::optional<LedgerId> expected = std::nullopt);

    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Constants of the folder; any thread.
    [[nodiscard]] const LedgerId& ledger_id() const noexcept;
    [[nodiscard]] const std::string& chain_id() const noexcept;
    [[nodiscard]] const pb::GenesisFile& genesis_file() const noexcept;
    [[nodiscard]] const pb::Genesis& genesis() const noexcept;

    // What the last advanced block left; writer.
    [[nodiscard]] std::uint64_t height() const noexcept;
    [[nodiscard]] const pb::AppState& app_state() const noexcept;
    /// Of the last block's header; of the genesis before the first.
    [[nodiscard]] const pb::Timestamp& block_time() const noexcept;
    [[nodiscard]] Moment moment();

    /// As it was made durable last; zeros before the first block.
    [[nodiscard]] const SignState& sign_state() const noexcept;
    /// A restored folder must not sign until the operator has confirmed the highest height that
    /// the ledger ever released.
    [[nodiscard]] bool signing_barred() const noexcept;
    /// Lifts the bar if `highest_released` is the height of this folder's last block; otherwise
    /// blocks are missing here, the bar stays and false is given.
    [[nodiscard]] StoreResult<bool> confirm_highest_height(std::uint64_t highest_released);

    // The writer's state.
    [[nodiscard]] const StateView& view() const noexcept;
    [[nodiscard]] const UsedIds& used_ids() const noexcept;
    [[nodiscard]] DueIndex& due() noexcept;

    /// Takes an executed and encoded block into memory. `now` is the block's time.
    /// @pre every part is encoded; `height` is the next one.
    [[nodiscard]] AdvancedBlock advance(std::shared_ptr<const EncodedBlock> block,
                                        std::uint64_t height, const pb::Timestamp& now);

    /// Makes block, entries, used ids and sign-state durable in one transaction.
    [[nodiscard]] StoreResult<void> append(const BlockToStore& block, const EncodedBlock& encoded,
                                           const AdvancedBlock& advanced);

    /// Writes the block's changes to the state, and at times makes all of them durable.
    [[nodiscard]] StoreResult<void> apply(const EncodedBlock& encoded, std::uint64_t height);

    /// Forgets what was kept in memory for blocks up to `applied`, all of which `apply` has done.
    void settle(std::uint64_t applied);

    /// `append`, `apply` and `settle` in one, for a writer that does not run ahead.
    [[nodiscard]] StoreResult<void> commit(const BlockToStore& block, const EncodedBlock& encoded,
                                           const AdvancedBlock& advanced);

    /// A consistent view of chain and state. `recent` holds the last moments, newest last; one must
    /// be that of the state as it is on disk (a moment is published before `apply`).
    [[nodiscard]] StoreResult<std::unique_ptr<StoreSnapshot>> open_snapshot(
        std::span<const Moment> recent) const;

    /// Is it time for `copy_state`? Writer.
    [[nodiscard]] bool copy_is_due() const noexcept;
    /// Copies the state, durably, and removes all but the two newest copies. Any one thread.
    [[nodiscard]] StoreResult<void> copy_state();

    /// Copies the folder to `target`, which must not exist, while everything goes on. The copy is
    /// barred from signing until its operator confirms the highest height.
    [[nodiscard]] StoreResult<void> backup_to(const std::filesystem::path& target) const;

    /// Makes the state durable and takes the marker away: call it on a clean shutdown.
    [[nodiscard]] StoreResult<void> checkpoint();

  private:
    struct Parts;
    explicit Store(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace tallystick::ledger
