#pragma once

#include <filesystem>

#include "ledger/store/snapshot.hpp"
#include "ledger/store/snapshot_format.hpp"

namespace tallystick::ledger {

/// Writes a snapshot of the state as `snapshot` has it, with which another node can join after
/// block `snapshot.state_height()`, into `target`, which must not exist: built beside it, made
/// durable, then renamed. Deterministic. Takes the time of reading every leaf and the entries of 30
/// days; blocks go on meanwhile. Errors: exists; unfit before the first block, and while a change
/// of the validators is under way (try again a few blocks later); damaged, out_of_space,
/// input_output. Any thread that has the snapshot.
/// @param genesis of the ledger
/// @param chunk_bytes of every chunk but the last; at most `snapshot_chunk_bytes_max`
[[nodiscard]] StoreResult<pb::SnapshotManifest> write_snapshot(
    const StoreSnapshot& snapshot, const pb::GenesisFile& genesis,
    const std::filesystem::path& target, std::size_t chunk_bytes = snapshot_chunk_bytes_max);

}  // namespace tallystick::ledger
