#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

#include "ledger/store/snapshot_format.hpp"
#include "ledger/store/store_error.hpp"
#include "protocol/types.hpp"

namespace tallystick::ledger {

/// Makes a data folder of a snapshot that others gave, chunk by chunk, so that a node can join a
/// ledger without executing it from its beginning. Nothing of it is believed that the trusted app
/// hash does not cover (snapshot_format.hpp). It is built in `FOLDER.joining`, beside the data
/// folder; only when all of it has been checked and is durable does it say so, and the next
/// `Store::open` of FOLDER (or `install_restored`) puts it there. A crash at any instant leaves
/// what was in FOLDER before, or all of the new one; never a part. One thread.
class SnapshotRestore {
  public:
    struct Options {
        /// The data folder to be, as `Store::open` gets it. No store is open there.
        std::filesystem::path folder;
        /// This node's own: a snapshot of another ledger is refused.
        pb::GenesisFile genesis;
        /// Canonical pb::SnapshotManifest, as it was offered.
        std::string manifest;
        /// After block `manifest.height`, from a header that was verified.
        Hash trusted_app_hash;
        std::uint64_t state_map_bytes = 1ULL << 38;  ///< address space, as in StoreOptions
    };

    /// Begins, throwing away what an earlier one left. Errors: newer_version; unfit if the manifest
    /// is not whole, is not of the trusted app hash, or the folder holds blocks already; in_use,
    /// out_of_space, input_output.
    [[nodiscard]] static StoreResult<std::unique_ptr<SnapshotRestore>> begin(Options options);

    /// Gives up what was not finished: the folder beside goes.
    ~SnapshotRestore();
    SnapshotRestore(const SnapshotRestore&) = delete;
    SnapshotRestore& operator=(const SnapshotRestore&) = delete;

    /// How many chunks there are, and which is wanted next (as many: all are here).
    [[nodiscard]] std::size_t chunks() const noexcept;
    [[nodiscard]] std::size_t next_chunk() const noexcept;
    /// Of the block after which the node joins.
    [[nodiscard]] std::uint64_t height() const noexcept;

    /// Takes chunk `next_chunk()`. Errors: unfit, out_of_space, input_output. After `unfit` see
    /// `is_hopeless`: if it is not, only this chunk is not the one that the manifest names, and
    /// another node may have it.
    [[nodiscard]] StoreResult<void> add_chunk(std::string_view chunk);
    /// Is the snapshot itself false, whoever gives it? Then nothing is taken any more.
    [[nodiscard]] bool is_hopeless() const noexcept;

    /// Compares everything with the trusted app hash and makes it durable: from then on the next
    /// `Store::open` finds it. Errors: unfit (a chunk is missing, or something does not fit),
    /// out_of_space, input_output.
    [[nodiscard]] StoreResult<void> finish();

  private:
    class Work;
    explicit SnapshotRestore(std::unique_ptr<Work> work);

    std::unique_ptr<Work> work_;
};

/// Puts a restore that is finished in the place of `folder`, and removes one that is not; true if
/// there is a new folder now. `Store::open` does it. Throws `LmdbFailure`: in_use, input_output.
/// @pre no store is open there in this process.
bool install_restored(const std::filesystem::path& folder);

}  // namespace tallystick::ledger
