#include "model/chain.hpp"

#include <algorithm>

#include "ledger/block_stages.hpp"
#include "ledger/validators.hpp"
#include "protocol/block.hpp"
#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"
#include "protocol/envelope.hpp"
#include "protocol/header.hpp"
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
    begin_segment(ledger.founding().genesis.engine(), ledger::validators_of(ledger.state()));
}

void Chain::begin_segment(pb::Engine engine, const pb::ValidatorSet& validators) {
    auto& segment = segments_.emplace_back();
    segment.chain_id = ledger_.founding().genesis.name() + "-" + std::to_string(segments_.size());
    segment.engine = engine;
    validators_ = next_validators_ = validators;
    last_commit_.Clear();
    last_bundles_ = 0;
}

std::string Chain::bundle(const SigningKey& key, std::span<const std::string> envelopes) {
    pb::BundleBody body;
    body.set_node_key(key.public_key().str());
    body.set_chain_id(segments_.back().chain_id);
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
    const auto some_node = [&]() -> const SigningKey& {
        const auto* key =
            ledger_.keyring().find(dice_.pick(ledger_.nodes().validators()).public_key());
        ensure(key != nullptr, "the keyring made the nodes' keys");
        return *key;
    };
    std::vector<std::string> bundles;
    if (split != 0) bundles.push_back(bundle(some_node(), all.first(split)));
    // What a node that nobody knows sends in between does not count.
    if (dice_.chance(5)) bundles.push_back(bundle(node_key(ledger_.keyring(), "stranger"), all));
    if (split != all.size() || dice_.chance(10))
        bundles.push_back(bundle(some_node(), all.subspan(split)));
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
        const auto message = vote_sign_bytes(segments_.back().chain_id, made, slot.timestamp());
        slot.set_signature(key->sign(bytes_of(message)).str());
    }
    return made;
}

pb::BlockRecord Chain::seal(const pb::Timestamp& time, std::vector<std::string> bundles,
                            bool with_evidence) {
    BlockParts parts;
    parts.chain_id = segments_.back().chain_id;
    parts.height = last_header_.height() + 1;
    parts.time = time;
    parts.last_block_id = last_commit_.block_id();
    parts.last_commit = last_commit_;
    parts.bundles = bundles;
    parts.validators = validators_;
    parts.next_validators = next_validators_;
    parts.app_hash = trees_.roots().app();
    parts.last_results = last_bundles_;
    parts.proposer = *address_of(dice_.pick(validators_.validators()));
    auto made = make_block(parts);
    if (with_evidence) {
        // The evidence is the engine's; an export and its auditor know no more of it than its hash.
        made.header.set_evidence_hash(sha256_of({"evidence of a random ledger"}).str());
        made.block_id.set_hash(header_hash(made.header).str());
    }

    last_header_ = made.header;
    last_commit_ = commit(made.block_id, time);
    last_bundles_ = bundles.size();
    auto& segment = segments_.back();
    if (!segment.first.has_time()) segment.first = last_header_;
    if (segment.sets.empty() ||
        segment.sets.back().validators.SerializeAsString() != validators_.SerializeAsString())
        segment.sets.push_back({last_header_.height(), validators_});
    pb::BlockRecord record;
    *record.mutable_header() = std::move(made.header);
    *record.mutable_commit() = last_commit_;
    for (auto& each : bundles) *record.add_bundles() = std::move(each);
    return record;
}

pb::BlockRecord Chain::add(const Block& block) {
    auto record = seal(make_timestamp(static_cast<std::int64_t>(block.now), block.nanos),
                       bundles_of(block), !block.misbehaviours.empty());
    trees_.add(block);
    for (const auto& entry : trees_.entries()) record.add_entries(entry);
    for (const auto& report : block.misbehaviours) *record.add_misbehaviours() = report;
    *record.mutable_app_state() = trees_.roots().message();

    const auto handover = ledger_.state().get(handover_key());
    if (handover && handover->initial_height() == block.height + 1) {
        begin_segment(handover->engine(), handover->validators());
        return record;
    }
    validators_ = next_validators_;
    if (segments_.back().engine == pb::ENGINE_COMETBFT)
        next_validators_ = ledger::validators_of(ledger_.state());
    return record;
}

}  // namespace tallystick::model
