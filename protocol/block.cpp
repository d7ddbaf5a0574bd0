#include "protocol/block.hpp"

#include <algorithm>

#include "protocol/commit.hpp"
#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "protocol/merkle.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"
#include "protocol/wire.hpp"

namespace tallystick {

namespace {

std::string encode_header(const pb::Header& header) {
    std::string version;
    wire::put_number(version, 1, header.version().block());
    wire::put_number(version, 2, header.version().app());
    std::string time;
    wire::put_signed(time, 1, header.time().seconds());
    wire::put_signed(time, 2, header.time().nanos());

    std::string encoded;
    wire::put_message(encoded, 1, version);
    wire::put_bytes(encoded, 2, header.chain_id());
    wire::put_signed(encoded, 3, header.height());
    wire::put_message(encoded, 4, time);
    wire::put_message(encoded, 5, encode_block_id(header.last_block_id()));
    wire::put_bytes(encoded, 6, header.last_commit_hash());
    wire::put_bytes(encoded, 7, header.data_hash());
    wire::put_bytes(encoded, 8, header.validators_hash());
    wire::put_bytes(encoded, 9, header.next_validators_hash());
    wire::put_bytes(encoded, 10, header.consensus_hash());
    wire::put_bytes(encoded, 11, header.app_hash());
    wire::put_bytes(encoded, 12, header.last_results_hash());
    wire::put_bytes(encoded, 13, header.evidence_hash());
    wire::put_bytes(encoded, 14, header.proposer_address());
    return encoded;
}

/// The same block id with every part there, so that two messages that hash alike are alike.
pb::BlockId completed(pb::BlockId block_id) {
    block_id.mutable_part_set_header();
    return block_id;
}

}  // namespace

std::string encode_block(const pb::Header& header, std::span<const std::string> bundles,
                         const pb::Commit& last_commit) {
    std::size_t bundle_bytes = 0;
    for (const auto& bundle : bundles) bundle_bytes += bundle.size() + 8;
    std::string data;
    data.reserve(bundle_bytes);
    for (const auto& bundle : bundles) wire::put_message(data, 1, bundle);

    std::string encoded;
    encoded.reserve(data.size() + 4096);
    wire::put_message(encoded, 1, encode_header(header));
    wire::put_message(encoded, 2, data);
    wire::put_message(encoded, 3, {});
    wire::put_message(encoded, 4, encode_commit(last_commit));
    return encoded;
}

pb::PartSetHeader part_set_header(std::string_view encoded_block) {
    merkle::Frontier frontier;
    for (std::size_t at = 0; at < encoded_block.size(); at += part_bytes)
        frontier.append(merkle::leaf_hash(encoded_block.substr(at, part_bytes)));
    pb::PartSetHeader header;
    header.set_total(static_cast<std::uint32_t>(frontier.size()));
    header.set_hash(frontier.root().str());
    return header;
}

MadeBlock make_block(const BlockParts& parts) {
    ensure(parts.height >= 1 && is_valid(parts.time), "a block without height or time");

    MadeBlock made;
    auto& header = made.header;
    header.mutable_version()->set_block(block_version);
    header.mutable_version()->set_app(app_version);
    header.set_chain_id(parts.chain_id);
    header.set_height(parts.height);
    *header.mutable_time() = parts.time;
    *header.mutable_last_block_id() = completed(parts.last_block_id);
    header.set_last_commit_hash(commit_hash(parts.last_commit).str());
    header.set_data_hash(data_hash(parts.bundles).str());
    header.set_validators_hash(validators_hash(parts.validators).str());
    header.set_next_validators_hash(validators_hash(parts.next_validators).str());
    header.set_consensus_hash(consensus_hash().str());
    header.set_app_hash(parts.app_hash.str());
    header.set_last_results_hash(results_hash(parts.last_results).str());
    header.set_evidence_hash(no_evidence_hash().str());
    header.set_proposer_address(parts.proposer.str());

    made.block_id.set_hash(header_hash(header).str());
    *made.block_id.mutable_part_set_header() =
        part_set_header(encode_block(header, parts.bundles, parts.last_commit));
    return made;
}

}  // namespace tallystick
