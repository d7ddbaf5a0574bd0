#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "protocol/pb.hpp"

/// A snapshot on the disk: a folder with the file `manifest` (canonical pb::SnapshotManifest) and
/// the chunks `chunk-000000`, `chunk-000001` and so on. The chunks, one after the other, are
/// pb::SnapshotRecord, each with a varint length before it: `start`, the leaves ascending by key,
/// the entries of the log from `first_entry` on, `end`. A record may lie in two chunks.
///
/// Why so little has to be believed: the app hash, which the joining node has from headers it
/// verified, covers every leaf and every entry. The rest follows from those, or is refused:
/// `first_entry` is a multiple of 64 and lies before the first entry that could still be taken (an
/// id that were missing could be used again), the validators of the block, the next and the one
/// after it are those of the state, and the segment is the one that the state or the genesis names.
namespace tallystick::ledger {

inline constexpr std::uint32_t snapshot_format_version = 1;
inline constexpr std::size_t snapshot_chunk_bytes_max = 4194304;
inline constexpr std::size_t snapshot_record_bytes_max = 4194304;
inline constexpr int snapshot_chunks_max = 1048576;
/// What `first_entry` is a multiple of: then every subtree left of it is one that is stored.
inline constexpr std::uint64_t snapshot_entries_aligned = 64;

/// The file of a snapshot's chunk.
[[nodiscard]] std::filesystem::path chunk_file(const std::filesystem::path& folder,
                                               std::size_t chunk);
/// The file of its manifest.
[[nodiscard]] std::filesystem::path manifest_file(const std::filesystem::path& folder);

/// The newest segment that has begun by block `height`, as state and genesis give it.
class StateView;
[[nodiscard]] pb::Segment segment_at(std::uint64_t height, const StateView& state,
                                     const pb::Genesis& genesis);

}  // namespace tallystick::ledger
