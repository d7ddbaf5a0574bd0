#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"
#include "protocol/types.hpp"

/// Making blocks as CometBFT would: pure functions, no clock. Used by the solo engine.
namespace tallystick {

inline constexpr std::size_t part_bytes = 65536;

/// The protobuf block whose pieces make the part set: header, data, no evidence, last commit.
[[nodiscard]] std::string encode_block(const pb::Header& header,
                                       std::span<const std::string> bundles,
                                       const pb::Commit& last_commit);

/// Tree over the 64 KiB parts of an encoded block.
[[nodiscard]] pb::PartSetHeader part_set_header(std::string_view encoded_block);

/// Everything that a block is made of. `last_block_id` and `last_commit` are empty messages for the
/// first block of a segment. Views must outlive the call.
struct BlockParts {
    std::string chain_id;
    std::int64_t height = 0;
    pb::Timestamp time;
    pb::BlockId last_block_id;
    pb::Commit last_commit;
    std::span<const std::string> bundles;  ///< canonical Bundle bytes, in order
    pb::ValidatorSet validators;           ///< sorted
    pb::ValidatorSet next_validators;      ///< sorted
    Hash app_hash;                 ///< after the block before; at the first block of genesis
    std::size_t last_results = 0;  ///< number of bundles in the block before
    ValidatorAddress proposer;
};

struct MadeBlock {
    pb::Header header;
    pb::BlockId block_id;  ///< the header's hash and the part set: what the commit signs
};

/// @pre `parts.height` is at least 1, its time valid, its sets sorted.
[[nodiscard]] MadeBlock make_block(const BlockParts& parts);

}  // namespace tallystick
