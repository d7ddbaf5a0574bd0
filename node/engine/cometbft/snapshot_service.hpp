#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.hpp"

namespace tallystick::node {

/// A snapshot as nodes offer it to each other.
struct SnapshotOffer {
    std::uint64_t height = 0;
    std::uint32_t format = 1;
    std::uint32_t chunks = 0;
    std::string hash;      ///< of the manifest
    std::string metadata;  ///< the manifest
};

enum class OfferVerdict : std::uint8_t { accept, abort, reject, reject_format };
enum class ChunkVerdict : std::uint8_t { accept, abort, retry, retry_snapshot, reject_snapshot };

/// What was said to a chunk; `refetch` are numbers of chunks to ask for again, and `false_sender`
/// says that its sender gave what does not fit the manifest.
struct ChunkAnswer {
    ChunkVerdict verdict = ChunkVerdict::abort;
    std::vector<std::uint32_t> refetch = {};
    bool false_sender = false;
};

/// Snapshots for nodes that join late: those that this node has made, and the one that it is being
/// built from. Called from the engine's snapshot connection, one call at a time.
class SnapshotService {
  public:
    virtual ~SnapshotService() = default;

    /// Newest first; only those whose every chunk is here and fits its hash.
    [[nodiscard]] virtual std::vector<SnapshotOffer> list() = 0;
    /// Height of the oldest that is kept: blocks after it are wanted by those who take it; 0: none.
    [[nodiscard]] virtual std::uint64_t oldest() { return 0; }
    /// Empty if there is no such chunk.
    [[nodiscard]] virtual std::string load_chunk(std::uint64_t height, std::uint32_t format,
                                                 std::uint32_t chunk) = 0;

    /// Shall this node be built from it? `app_hash` is the one that the engine's light client
    /// believes for the state after the snapshot's block.
    [[nodiscard]] virtual OfferVerdict offer(const SnapshotOffer& snapshot,
                                             std::string_view app_hash) = 0;
    /// Chunks come in ascending order after an accepted offer.
    [[nodiscard]] virtual ChunkAnswer apply_chunk(std::uint32_t index, std::string_view chunk) = 0;

  protected:
    SnapshotService() = default;
    SnapshotService(const SnapshotService&) = default;
    SnapshotService& operator=(const SnapshotService&) = default;
};

}  // namespace tallystick::node
