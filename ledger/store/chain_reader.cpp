#include <algorithm>
#include <utility>

#include "ledger/store/chain_store.hpp"
#include "ledger/store/record.hpp"
#include "protocol/canonical.hpp"
#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "protocol/merkle.hpp"

namespace tallystick::ledger {

namespace {

constexpr std::size_t extent_bytes = 24;
constexpr std::size_t entry_head_bytes = Hash::size + record_check_bytes;
constexpr const char* unfit = "the record does not fit its check";

BlockExtent extent_of(std::string_view content) {
    return {number_at(content, 0), number_at(content, 8), number_at(content, 16)};
}

/// The head of an entry's record: its leaf hash, checked with the key.
Hash leaf_of(std::string_view key, std::string_view record) {
    const auto place = [&] { return place_of("chain", "entries", key); };
    if (record.size() < entry_head_bytes) fail_damaged(place(), unfit);
    const auto leaf = unsealed("entries", key, record.substr(0, entry_head_bytes));
    if (!leaf) fail_damaged(place(), unfit);
    return *Hash::from(*leaf);
}

std::string_view required_entry(const LmdbRead& read, LmdbTable table, std::string_view key) {
    const auto record = read.get(table, key);
    if (!record) fail_damaged(place_of("chain", "entries", key), "the record is missing");
    return *record;
}

ValidatorsFrom validators_in(std::string_view key, std::string_view record) {
    const auto content = key.size() == 8 ? unsealed("validators", key, record) : std::nullopt;
    auto validators = content ? decode_canonical_as<pb::ValidatorSet>(*content) : std::nullopt;
    if (!validators) fail_damaged(place_of("chain", "validators", key), unfit);
    return {number_at(key, 0), *std::move(validators)};
}

}  // namespace

const SegmentStart& ChainShape::segment_of(std::uint64_t height) const {
    ensure(!segments.empty() && height > base_height, "a block kept here is in a segment");
    const auto* found = &segments.front();
    for (const auto& segment : segments)
        if (segment.first_height <= height) found = &segment;
    return *found;
}

const pb::Timestamp& time_of(const pb::BlockRecord& record) {
    return record.has_header() ? record.header().time() : record.time();
}

std::vector<pb::Misbehaviour> misbehaviours_of(const pb::BlockRecord& record) {
    return {record.misbehaviours().begin(), record.misbehaviours().end()};
}

std::string hash_of(const pb::BlockRecord& record) {
    return record.has_header() ? header_hash(record.header()).str() : record.hash();
}

ChainReader::ChainReader(LmdbRead read, const ChainTables& tables,
                         std::shared_ptr<const ChainShape> shape)
    : read_(std::move(read)), tables_(tables), shape_(std::move(shape)) {
    bool any = false;
    read_.descend(tables_.blocks, number_bytes(~std::uint64_t{0}), [&](auto key, auto record) {
        const auto content = unsealed("blocks", key, record);
        if (!content || key.size() != 8 || content->size() < extent_bytes)
            fail_damaged(place_of("chain", "blocks", key), unfit);
        height_ = number_at(key, 0);
        const auto extent = extent_of(*content);
        log_size_ = extent.first_entry + extent.entries;
        any = true;
        return false;
    });
    if (!any) fail_damaged("chain/blocks", "there is not even the genesis");
}

std::string ChainReader::meta(std::string_view name) const {
    return std::string{required(read_, tables_.meta, "meta", name)};
}

SignState ChainReader::sign_state() const {
    const auto content = required(read_, tables_.meta, "meta", "sign_state");
    if (content.size() != 16) fail_damaged("chain/meta sign_state", unfit);
    return {number_at(content, 0), static_cast<std::int32_t>(small_number_at(content, 8)),
            static_cast<std::int32_t>(small_number_at(content, 12))};
}

void ChainReader::check_kept(std::uint64_t height) const {
    if (height > shape_->base_height) return;
    throw LmdbFailure{
        {StoreFault::not_found, "block " + std::to_string(height) +
                                    " is not kept on this node, which joined after block " +
                                    std::to_string(shape_->base_height) +
                                    ": ask a node that keeps everything"}};
}

void ChainReader::check_entry_kept(std::uint64_t index) const {
    if (index >= shape_->first_entry) return;
    throw LmdbFailure{
        {StoreFault::not_found, "entry " + std::to_string(index) +
                                    " of the log is not kept on this node, whose first is " +
                                    std::to_string(shape_->first_entry) +
                                    ": ask a node that keeps everything"}};
}

ValidatorsFrom ChainReader::validators(std::uint64_t height) const {
    std::optional<ValidatorsFrom> found;
    read_.descend(tables_.validators, number_bytes(height), [&](auto key, auto record) {
        found = validators_in(key, record);
        return false;
    });
    if (!found) fail_damaged("chain/validators height " + std::to_string(height), "there are none");
    return *std::move(found);
}

std::vector<ValidatorsFrom> ChainReader::validator_sets() const {
    std::vector<ValidatorsFrom> sets;
    read_.ascend(tables_.validators, {}, [&](auto key, auto record) {
        sets.push_back(validators_in(key, record));
        return true;
    });
    return sets;
}

StoredBlock ChainReader::block(std::uint64_t height) const {
    if (height < shape_->base_height) check_kept(height);
    const auto key = number_bytes(height);
    const auto content = required(read_, tables_.blocks, "blocks", key);
    StoredBlock block;
    if (content.size() < extent_bytes ||
        !decode_canonical(content.substr(extent_bytes), block.record))
        fail_damaged(place_of("chain", "blocks", key), "not a block");
    block.extent = extent_of(content);
    return block;
}

std::vector<std::string> ChainReader::bundles(std::uint64_t height,
                                              const BlockExtent& extent) const {
    std::vector<std::string> bundles;
    for (std::uint64_t number = 0; number < extent.bundles; ++number) {
        auto key = number_bytes(height);
        add_small_number(key, static_cast<std::uint32_t>(number));
        bundles.emplace_back(required(read_, tables_.bundles, "bundles", key));
    }
    return bundles;
}

std::string ChainReader::entry(std::uint64_t index) const {
    check_entry_kept(index);
    const auto key = number_bytes(index);
    const auto record = required_entry(read_, tables_.entries, key);
    const auto leaf = leaf_of(key, record);
    const auto bytes = record.substr(entry_head_bytes);
    if (merkle::leaf_hash(bytes) != leaf) fail_damaged(place_of("chain", "entries", key), unfit);
    return std::string{bytes};
}

Hash ChainReader::entry_leaf(std::uint64_t index) const {
    check_entry_kept(index);
    const auto key = number_bytes(index);
    return leaf_of(key, required_entry(read_, tables_.entries, key));
}

std::optional<std::uint64_t> ChainReader::find_used(const EnvelopeId& id,
                                                    std::uint64_t valid_until) const {
    auto key = number_bytes(valid_until);
    key.append(id.text());
    const auto record = read_.get(tables_.ids, key);
    if (!record) return std::nullopt;
    const auto content = unsealed("ids", key, *record);
    if (!content || content->size() != 8) fail_damaged(place_of("chain", "ids", key), unfit);
    return number_at(*content, 0);
}

std::optional<std::uint64_t> ChainReader::find(const EnvelopeId& id,
                                               std::uint64_t valid_until) const {
    // A damaged key of the index would hide an entry: the runs have the last word.
    if (const auto found = find_used(id, valid_until)) return found;
    return find(id);
}

std::optional<std::uint64_t> ChainReader::find(const EnvelopeId& id) const {
    std::optional<std::uint64_t> found;
    find_term(read_, tables_.runs, term_of_id(id), log_size_, runs(), [&](std::uint64_t index) {
        const auto decoded = decode_canonical_as<pb::LogEntry>(entry(index));
        if (!decoded) fail_damaged("chain/entries " + std::to_string(index), "not an entry");
        if (decoded->id() == id.text()) found = index;
        return !found;
    });
    return found;
}

std::vector<std::uint64_t> ChainReader::of_account(std::string_view account, std::uint64_t before,
                                                   std::size_t most) const {
    std::vector<std::uint64_t> indices;
    if (most == 0) return indices;
    find_term(read_, tables_.runs, term_of_account(account), before, runs(),
              [&](std::uint64_t index) {
                  // Entries before it are found by their ids alone.
                  if (index < shape_->first_entry_with_block) return false;
                  indices.push_back(index);
                  return indices.size() < most;
              });
    return indices;
}

Hash ChainReader::node(LogNodeId id) const {
    if (id.level == 0) return entry_leaf(id.index);
    if (id.level < log_level_stored_min)
        return merkle::inner_hash(node({id.level - 1, id.index * 2}),
                                  node({id.level - 1, id.index * 2 + 1}));
    auto key = small_number_bytes(id.level);
    add_number(key, id.index);
    const auto hash = Hash::from(required(read_, tables_.nodes, "nodes", key));
    if (!hash) fail_damaged(place_of("chain", "nodes", key), unfit);
    return *hash;
}

void ChainReader::for_each_id(
    std::uint64_t from,
    const std::function<void(std::uint64_t, const EnvelopeId&, std::uint64_t)>& take) const {
    read_.ascend(tables_.ids, number_bytes(from), [&](auto key, auto record) {
        const auto content = unsealed("ids", key, record);
        if (!content || content->size() != 8 || key.size() != 40)
            fail_damaged(place_of("chain", "ids", key), unfit);
        take(number_at(key, 0), *EnvelopeId::from(key.substr(8)), number_at(*content, 0));
        return true;
    });
}

void ChainReader::for_each_run_term(const std::function<void(const Term&)>& take) const {
    for_each_term(read_, tables_.runs, runs(), take);
}

void ChainReader::for_each_node(const std::function<void(LogNodeId, const Hash&)>& take) const {
    read_.ascend(tables_.nodes, {}, [&](auto key, auto record) {
        const auto content = unsealed("nodes", key, record);
        const auto hash = content ? Hash::from(*content) : std::nullopt;
        if (!hash || key.size() != 12) fail_damaged(place_of("chain", "nodes", key), unfit);
        take({small_number_at(key, 0), number_at(key, 4)}, *hash);
        return true;
    });
}

}  // namespace tallystick::ledger
