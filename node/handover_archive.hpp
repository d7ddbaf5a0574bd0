#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "ledger/store/snapshot.hpp"
#include "node/files.hpp"
#include "node/node_service.hpp"

/// The proofs of handovers that a node keeps: folder `handovers/` of its data folder, one file a
/// segment, `CHAIN-ID.handover`: a canonical pb::HandoverRecord without its two blocks, which the
/// chain has. Such a proof can only be made while the state is that of the old segment's end, since
/// the tree has no past; so it is made then and kept.
namespace tallystick::node {

/// Keeps the proof of the handover that the state announces, if this is the moment: the state is
/// that after the last block of a segment or the one before it (that last block changes nothing).
/// Does nothing at any other moment, or where the proof is there. Call it when a folder is opened
/// and after each block. Errors: what the files or the store say.
[[nodiscard]] Result<void, FileError> keep_handover(const ledger::StoreSnapshot& snapshot,
                                                    const std::filesystem::path& data_folder);

/// Reads the kept proof of the handover to the segment that begins with block `first_height`, adds
/// the two blocks and verifies the whole. Errors: not_found (never kept here: the node joined
/// later; or a header is missing yet), damaged (the file, or it does not fit the chain),
/// unavailable.
[[nodiscard]] Result<pb::HandoverRecord, ReadError> read_handover(
    const std::filesystem::path& data_folder, const SegmentInfo& segment,
    const std::function<Result<pb::LightBlock, ReadError>(std::uint64_t height)>& light_block);

}  // namespace tallystick::node
