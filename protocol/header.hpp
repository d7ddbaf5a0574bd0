#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "protocol/chain_fault.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

/// Headers of CometBFT 0.38 to 0.40. The hash is a tree over the encoded fields, not over the
/// serialised message.
namespace tallystick {

inline constexpr std::uint64_t block_version = 11;
inline constexpr std::uint64_t app_version = 1;
inline constexpr std::int64_t block_bytes_max = 4194304;
inline constexpr std::int64_t block_gas_max = -1;
inline constexpr std::size_t chain_id_bytes_max = 50;

/// Hash of a header: tree over its 14 fields (see protocol/header.cpp). Fields that are missing
/// hash like empty ones; `check_header` refuses such headers.
[[nodiscard]] Hash header_hash(const pb::Header& header);

/// The form of a header from outside, faults in this order: incomplete (every part must be there,
/// so that no two encodings hash the same; hashes 32 bytes or none, proposer 20, chain id 1 to 50),
/// bad_version, bad_height, bad_time.
[[nodiscard]] Result<void, ChainFault> check_header(const pb::Header& header);

/// The same of a block id that is not zero: both hashes 32 bytes, at least one part.
[[nodiscard]] bool is_complete(const pb::BlockId& block_id) noexcept;

/// Tree over SHA-256 of each bundle.
[[nodiscard]] Hash data_hash(std::span<const std::string> bundles);

/// Tree over the results' hashed fields. Every bundle's result is code 0, no data, no gas: an empty
/// leaf each. Stands in the header after the block with that many bundles.
[[nodiscard]] Hash results_hash(std::size_t bundles);

/// SHA-256 of HashedParams {1: max bytes, 2: max gas}.
[[nodiscard]] Hash consensus_hash(std::int64_t bytes_max = block_bytes_max,
                                  std::int64_t gas_max = block_gas_max);

/// Hash of no evidence: SHA-256("").
[[nodiscard]] Hash no_evidence_hash() noexcept;

/// A block id as protobuf with its part set header always there, as CometBFT hashes and stores it.
[[nodiscard]] std::string encode_block_id(const pb::BlockId& block_id);

}  // namespace tallystick
