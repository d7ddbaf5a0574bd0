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
    Hash block_hash;                     ///< of the header
    pb::Timestamp time;                  ///< of the header
    const pb::Header* header = nullptr;  ///< null, with `commit` null: they follow by `add_header`
    const pb::Commit* commit = nullptr;
    std::span<const std::string> bundles = {};             ///< canonical pb::Bundle, in order
    std::span<const pb::Misbehaviour> misbehaviours = {};  ///< as they were executed
    /// Becomes durable in the same transaction. Left as it is by an engine that keeps its own: then
    /// this one says that nothing up to `height` is to be signed here.
    SignState sign_state = {};
};

/// What `advance` worked out.
struct AdvancedBlock {
    std::uint64_t height = 0;
    pb::AppState app_state;         ///< after the block
    std::uint64_t first_entry = 0;  ///< index in the log of the block's first entry
    std::vector<LogNode> nodes;     ///< of the log, to be stored
    Moment moment;                  ///< the tree after the block
    /// Who validates from block `height + 2` on, if that is another set than the one before. Only
    /// under an engine whose validators change within a segment.
    std::optional<pb::ValidatorSet> validators;
    /// The difference that makes it, sorted by key (ledger/validators.hpp): what the engine is
    /// told.
    std::vector<pb::Validator> validator_updates;
    bool beyond_segment = false;  ///< the segment ended before it: it cannot be appended
};

/// A block's header with a commit for it, as the engine serves them.
struct HeaderToStore {
    std::uint64_t height = 0;
    const pb::Header* header = nullptr;
    const pb::Commit* commit = nullptr;
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
/// Threads: `view`, `used_ids`, `nodes`, `due`, `advance` and `settle` belong to the writer.
/// `append` and `apply` may run on one other thread, in the order of heights, while the writer is
/// ahead; `add_header` on a third. `open_snapshot`, `copy_state`, `backup_to` and the constants may
/// be called from any thread. `begin_segment` changes constants: only while nothing else runs.
///
/// After an error of `append` or `apply` nothing more is written (`read_only`): the process should
/// answer reads, refuse writes, and be started again once the cause is gone.
class Store {
  public:
    /// Makes a data folder that holds the genesis and no block. The first segment has this chain id
    /// and the genesis' engine. Errors: exists, out_of_space, input_output; damaged if the genesis
    /// breaks a rule.
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
    /// Of the newest segment.
    [[nodiscard]] const std::string& chain_id() const noexcept;
    /// That orders the newest segment: no other may add to this folder.
    [[nodiscard]] pb::Engine engine() const noexcept;
    /// Ascending; the first holds block `base_height + 1`.
    [[nodiscard]] const std::vector<SegmentStart>& segments() const noexcept;
    /// Of the first block of the newest segment, sorted as headers hash them.
    [[nodiscard]] const pb::ValidatorSet& segment_validators() const noexcept;
    /// The newest block that is not kept here: 0, or that of the snapshot this folder began with.
    [[nodiscard]] std::uint64_t base_height() const noexcept;
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
    /// Keys of the current authorities' nodes, sorted: whose bundles the next block may hold.
    [[nodiscard]] std::span<const PublicKey> nodes() const noexcept;

    /// Takes an executed and encoded block into memory. `now` is the block's time.
    /// @pre every part is encoded; `height` is the next one.
    [[nodiscard]] AdvancedBlock advance(std::shared_ptr<const EncodedBlock> block,
                                        std::uint64_t height, const pb::Timestamp& now);

    /// Makes block, entries, used ids, validators and sign-state durable in one transaction.
    /// Besides read_only, out_of_space and input_output: unfit, with nothing written, after the
    /// last block of a segment (`begin_segment` comes first).
    [[nodiscard]] StoreResult<void> append(const BlockToStore& block, const EncodedBlock& encoded,
                                           const AdvancedBlock& advanced);

    /// Writes the block's changes to the state, and at times makes all of them durable.
    [[nodiscard]] StoreResult<void> apply(const EncodedBlock& encoded, std::uint64_t height);

    /// Forgets what was kept in memory for blocks up to `applied`, all of which `apply` has done.
    void settle(std::uint64_t applied);

    /// `append`, `apply` and `settle` in one, for a writer that does not run ahead.
    [[nodiscard]] StoreResult<void> commit(const BlockToStore& block, const EncodedBlock& encoded,
                                           const AdvancedBlock& advanced);

    /// Adds a header with a commit to the newest block that has none, or puts another commit in the
    /// place of the last one that was added: at the chain's head an engine serves the signatures
    /// that it saw, and only with the next block those that the next header hashes. Checked are
    /// hash, chain id, height, time, parent, the app hash after the block before, the validators
    /// kept for this height and the next, the bundles, and the commit's signatures; and that the
    /// commit before is the one that this header hashes, else it must be replaced first. What is
    /// here already is left as it is. Errors: unfit (with nothing written, naming what does not
    /// fit), read_only, damaged, out_of_space, input_output.
    [[nodiscard]] StoreResult<void> add_header(std::uint64_t height, const pb::Header& header,
                                               const pb::Commit& commit);
    /// The same for several, in one transaction, all or none.
    [[nodiscard]] StoreResult<void> add_headers(std::span<const HeaderToStore> headers);
    /// Every block up to this height has its header and a commit; those before it the commit that
    /// the next header hashes. Any thread.
    [[nodiscard]] std::uint64_t headers_until() const noexcept;

    /// Begins the segment that the ledger's handover names, after the last block of the one before:
    /// chain id, first height, engine and validators are then those of the new segment. Nothing
    /// happens if it has begun already. Errors: unfit (no such handover, blocks or headers of the
    /// old segment missing), read_only, damaged, out_of_space, input_output.
    [[nodiscard]] StoreResult<void> begin_segment(const std::string& chain_id,
                                                  std::uint64_t first_height);

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
