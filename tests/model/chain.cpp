#include "model/chain.hpp"

#include <algorithm>

#include "ledger/block_stages.hpp"
#include "protocol/block.hpp"
#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/ensure.hpp"
#include "protocol/envelope.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick::model {

Hash Roots::app() const {
    return app_hash(state, log, log_size);
}

pb::AppState Roots::message() const {
    pb::AppState made;
    made.set_state_root(state.str());
    made.set_log_root(log.str());
    made.set_log_size(log_size);
    return made;
}

Trees::Trees(const RandomLedger& ledger) {
    std::vector<ledger::TreeChange> changes;
    for (const auto& leaf : ledger.state().leaves())
        changes.push_back(ledger::encode_change(leaf).leaf);
    std::ranges::sort(changes, {}, &ledger::TreeChange::path);
    state_.update(changes);
}

void Trees::add(const Block& block) {
    const auto encoded = ledger::encode_block(block.result, block.envelopes);
    std::vector<Hash> leaves;
    entries_.clear();
    for (const auto& entry : encoded.entries) {
        leaves.push_back(entry.leaf);
        entries_.push_back(entry.bytes);
    }
    log_.append(leaves);
    state_.update(ledger::tree_changes(encoded));
}

Roots Trees::roots() const {
    return {state_.root(), log_.root(), log_.size()};
}

Chain::Chain(RandomLedger& ledger, std::uint64_t seed)
    : ledger_(ledger), dice_(seed ^ 0xC4A1C4A1C4A1C4A1U), trees_(ledger) {
    const auto& genesis = ledger.founding().genesis;
    chain_id_ = genesis.name() + "-1";
    for (const auto& authority : genesis.authorities()) {
        auto& validator = *validators_.add_validators();
        validator.set_public_key(authority.node().public_key());
        validator.set_power(static_cast<std::int64_t>(authority.node().power()));
    }
    sort_validators(validators_);
}

std::string Chain::bundle(std::string_view node, std::span<const std::string> envelopes) {
    const auto& key = node_key(ledger_.keyring(), node);
    pb::BundleBody body;
    body.set_node_key(key.public_key().str());
    body.set_chain_id(chain_id_);
    body.set_time_ms(ledger_.block().now * 1000);
    body.set_counter(++counter_);
    for (const auto& envelope : envelopes) body.add_envelopes(envelope);
    pb::Bundle made;
    made.set_body(canonical_bytes(body));
    const auto message = tagged_message(domain::bundle, {made.body()});
    made.set_signature(key.sign(bytes_of(message)).str());
    return canonical_bytes(made);
}

std::vector<std::string> Chain::bundles_of(const Block& block) {
    std::vector<std::string> envelopes;
    for (const auto& envelope : block.envelopes) envelopes.push_back(envelope->bytes);
    const auto split = static_cast<std::size_t>(dice_.below(envelopes.size() + 1));
    const std::span all{envelopes};
    const auto& nodes = ledger_.founding().nodes;
    std::vector<std::string> bundles;
    if (split != 0) bundles.push_back(bundle(dice_.pick(nodes), all.first(split)));
    // What a node that nobody knows sends in between does not count.
    if (dice_.chance(5)) bundles.push_back(bundle("stranger", all));
    if (split != all.size() || dice_.chance(10))
        bundles.push_back(bundle(dice_.pick(nodes), all.subspan(split)));
    return bundles;
}

pb::Commit Chain::commit(const pb::BlockId& block_id, const pb::Timestamp& time) {
    pb::Commit made;
    made.set_height(last_header_.height());
    *made.mutable_block_id() = block_id;
    std::int64_t total = 0;
    for (const auto& validator : validators_.validators()) total += validator.power();
    auto signed_power = total;
    for (const auto& validator : validators_.validators()) {
        auto& slot = *made.add_signatures();
        const bool is_absent =
            dice_.chance(20) && is_two_thirds_majority(signed_power - validator.power(), total);
        if (is_absent) {
            signed_power -= validator.power();
            slot.set_block_id_flag(pb::BLOCK_ID_FLAG_ABSENT);
            continue;
        }
        const auto* key = ledger_.keyring().find(validator.public_key());
        ensure(key != nullptr, "the keyring made the nodes' keys");
        slot.set_block_id_flag(pb::BLOCK_ID_FLAG_COMMIT);
        slot.set_validator_address(address_of(key->public_key()).str());
        *slot.mutable_timestamp() =
            timestamp_from_milliseconds(milliseconds_of(time) + dice_.between(1, 900));
        const auto message = vote_sign_bytes(chain_id_, made, slot.timestamp());
        slot.set_signature(key->sign(bytes_of(message)).str());
    }
    return made;
}

pb::BlockRecord Chain::seal(const pb::Timestamp& time, std::vector<std::string> bundles) {
    BlockParts parts;
    parts.chain_id = chain_id_;
    parts.height = last_header_.height() + 1;
    parts.time = time;
    parts.last_block_id = last_commit_.block_id();
    parts.last_commit = last_commit_;
    parts.bundles = bundles;
    parts.validators = validators_;
    parts.next_validators = validators_;
    parts.app_hash = trees_.roots().app();
    parts.last_results = last_bundles_;
    parts.proposer = *address_of(dice_.pick(validators_.validators()));
    auto made = make_block(parts);

    last_header_ = made.header;
    last_commit_ = commit(made.block_id, time);
    last_bundles_ = bundles.size();
    pb::BlockRecord record;
    *record.mutable_header() = std::move(made.header);
    *record.mutable_commit() = last_commit_;
    for (auto& each : bundles) *record.add_bundles() = std::move(each);
    return record;
}

pb::BlockRecord Chain::add(const Block& block) {
    auto record =
        seal(make_timestamp(static_cast<std::int64_t>(block.now), block.nanos), bundles_of(block));
    trees_.add(block);
    for (const auto& entry : trees_.entries()) record.add_entries(entry);
    *record.mutable_app_state() = trees_.roots().message();
    return record;
}

}  // namespace tallystick::model
