#include "protocol/header.hpp"

#include <array>
#include <vector>

#include "protocol/crypto.hpp"
#include "protocol/merkle.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/wire.hpp"

namespace tallystick {

namespace {

/// A leaf of bytes or text: `0A len bytes`, empty for an empty value.
std::string bytes_leaf(std::string_view bytes) {
    std::string leaf;
    wire::put_bytes(leaf, 1, bytes);
    return leaf;
}

bool is_hash_or_empty(std::string_view bytes) noexcept {
    return bytes.empty() || bytes.size() == Hash::size;
}

/// All parts there, and every hash of its length.
bool is_complete(const pb::Header& header) noexcept {
    const auto& last = header.last_block_id();
    return header.has_version() && header.has_time() && header.has_last_block_id() &&
           last.has_part_set_header() && is_hash_or_empty(last.hash()) &&
           is_hash_or_empty(last.part_set_header().hash()) && !header.chain_id().empty() &&
           header.chain_id().size() <= chain_id_bytes_max &&
           is_hash_or_empty(header.last_commit_hash()) && is_hash_or_empty(header.data_hash()) &&
           header.validators_hash().size() == Hash::size &&
           header.next_validators_hash().size() == Hash::size &&
           is_hash_or_empty(header.consensus_hash()) &&
           is_hash_or_empty(header.last_results_hash()) &&
           is_hash_or_empty(header.evidence_hash()) && header.app_hash().size() <= Hash::size &&
           header.proposer_address().size() == ValidatorAddress::size;
}

}  // namespace

std::string encode_block_id(const pb::BlockId& block_id) {
    std::string parts;
    wire::put_number(parts, 1, block_id.part_set_header().total());
    wire::put_bytes(parts, 2, block_id.part_set_header().hash());
    std::string encoded;
    wire::put_bytes(encoded, 1, block_id.hash());
    wire::put_message(encoded, 2, parts);
    return encoded;
}

Hash header_hash(const pb::Header& header) {
    std::array<std::string, 14> leaves;
    wire::put_number(leaves[0], 1, header.version().block());
    wire::put_number(leaves[0], 2, header.version().app());
    leaves[1] = bytes_leaf(header.chain_id());
    wire::put_signed(leaves[2], 1, header.height());
    wire::put_signed(leaves[3], 1, header.time().seconds());
    wire::put_signed(leaves[3], 2, header.time().nanos());
    leaves[4] = encode_block_id(header.last_block_id());
    leaves[5] = bytes_leaf(header.last_commit_hash());
    leaves[6] = bytes_leaf(header.data_hash());
    leaves[7] = bytes_leaf(header.validators_hash());
    leaves[8] = bytes_leaf(header.next_validators_hash());
    leaves[9] = bytes_leaf(header.consensus_hash());
    leaves[10] = bytes_leaf(header.app_hash());
    leaves[11] = bytes_leaf(header.last_results_hash());
    leaves[12] = bytes_leaf(header.evidence_hash());
    leaves[13] = bytes_leaf(header.proposer_address());
    return merkle::root(leaves);
}

Result<void, ChainFault> check_header(const pb::Header& header) {
    if (!is_complete(header)) return Failure{ChainFault::incomplete};
    if (header.version().block() != block_version) return Failure{ChainFault::bad_version};
    if (header.height() < 1) return Failure{ChainFault::bad_height};
    if (!is_valid(header.time())) return Failure{ChainFault::bad_time};
    return {};
}

bool is_complete(const pb::BlockId& block_id) noexcept {
    return block_id.hash().size() == Hash::size && block_id.has_part_set_header() &&
           block_id.part_set_header().total() > 0 &&
           block_id.part_set_header().hash().size() == Hash::size;
}

Hash data_hash(std::span<const std::string> bundles) {
    merkle::Frontier frontier;
    for (const auto& bundle : bundles) frontier.append(merkle::leaf_hash(sha256(bundle).text()));
    return frontier.root();
}

Hash results_hash(std::size_t bundles) {
    return merkle::root(std::vector<std::string>(bundles));
}

Hash consensus_hash(std::int64_t bytes_max, std::int64_t gas_max) {
    std::string hashed_params;
    wire::put_signed(hashed_params, 1, bytes_max);
    wire::put_signed(hashed_params, 2, gas_max);
    return sha256(hashed_params);
}

Hash no_evidence_hash() noexcept {
    return merkle::empty_root();
}

}  // namespace tallystick
