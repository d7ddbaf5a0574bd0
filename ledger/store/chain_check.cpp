#include "ledger/store/chain_check.hpp"

#include <functional>

#include "ledger/actions/action.hpp"
#include "ledger/store/chain_store.hpp"
#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/envelope.hpp"
#include "protocol/header.hpp"
#include "protocol/merkle.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick::ledger {

namespace {

using Must = std::function<void(bool, const char*)>;

/// A segment's first block begins anew; it goes on from the state, not from a parent.
void check_first_of_segment(const pb::Header& header, const Must& must) {
    must(header.last_block_id().hash().empty(), "the first block of a segment has a parent");
    must(header.last_commit_hash() == merkle::empty_root().text(),
         "the first block of a segment has a last commit");
    must(header.last_results_hash() == results_hash(0).text(),
         "the first block of a segment has last results");
}

void check_parent(const ChainStep& step, const pb::Header& header, const Must& must) {
    must(hash_of(step.before) == header.last_block_id().hash(),
         "the parent is not the block before");
    must(header.last_results_hash() == results_hash(step.bundles_before).text(),
         "the last results are not those of the block before");
    if (!step.before.has_header()) return;
    must(
        encode_block_id(header.last_block_id()) == encode_block_id(step.before.commit().block_id()),
        "the parent is not the block before");
    must(header.last_commit_hash() == commit_hash(step.before.commit()).text(),
         "the last commit is not that of the block before");
}

}  // namespace

std::string app_hash_of(const pb::AppState& state) {
    const auto state_root = Hash::from(state.state_root());
    const auto log_root = Hash::from(state.log_root());
    if (!state_root || !log_root) return {};
    return app_hash(*state_root, *log_root, state.log_size()).str();
}

std::vector<std::string> check_chain_step(const ChainStep& step) {
    std::vector<std::string> wrong;
    const Must must = [&wrong](bool holds, const char* what) {
        if (!holds) wrong.emplace_back(what);
    };
    const auto& header = step.block.header();
    pb::LightBlock light;
    *light.mutable_header() = header;
    *light.mutable_commit() = step.block.commit();
    *light.mutable_validators() = step.validators;
    if (const auto verified = verify_commit(light, SlotRule::as_signed); !verified)
        wrong.emplace_back(chain_fault_sentence(verified.error()));

    must(header.chain_id() == step.segment.chain_id, "the header is of another chain");
    must(header.height() == static_cast<std::int64_t>(step.height), "the header's height is wrong");
    must(header.data_hash() == data_hash(step.bundles).text(),
         "the bundles are not those that the header names");
    must(header.next_validators_hash() == validators_hash(step.next_validators).text(),
         "the next validators are not those that the ledger gives");
    must(header.app_hash() == app_hash_of(step.before.app_state()),
         "the header carries another app hash than the block before left");
    if (step.height == step.segment.first_height)
        check_first_of_segment(header, must);
    else if (step.knows_parent)
        check_parent(step, header, must);
    if (step.height > 1)
        must(compare(time_of(step.before), header.time()) < 0,
             "the block is dated before its parent");
    return wrong;
}

std::vector<std::string> check_bundles(std::span<const std::string> bundles,
                                       const LedgerId& ledger_id, const std::string& chain_id,
                                       bool signatures) {
    std::vector<std::string> wrong;
    for (const auto& bytes : bundles) {
        const auto bundle = decode_canonical_as<pb::Bundle>(bytes);
        const auto body =
            bundle ? decode_canonical_as<pb::BundleBody>(bundle->body()) : std::nullopt;
        const auto key = body ? PublicKey::from(body->node_key()) : std::nullopt;
        const auto signature = bundle ? SignatureBytes::from(bundle->signature()) : std::nullopt;
        if (!body || !key || !signature) {
            wrong.emplace_back("a bundle is malformed");
            continue;
        }
        if (body->chain_id() != chain_id) wrong.emplace_back("a bundle of another chain");
        const auto message = tagged_message(domain::bundle, {bundle->body()});
        if (!verify_signature(*key, bytes_of(message), *signature))
            wrong.emplace_back("a bundle's signature is false");
        for (const auto& raw : body->envelopes()) {
            const auto envelope = decode_envelope(raw);
            if (!envelope) {
                wrong.emplace_back("a malformed envelope: " +
                                   std::string{envelope_error_name(envelope.error())});
                continue;
            }
            // Checked against this ledger: an envelope of another is skipped, not malformed.
            if (envelope->body.ledger_id() == ledger_id.text() && check_action(envelope->body))
                wrong.emplace_back("a malformed action in envelope " + to_hex(envelope->id.view()));
            if (signatures && !verify_signatures(*envelope))
                wrong.emplace_back("a false signature under envelope " +
                                   to_hex(envelope->id.view()));
        }
    }
    return wrong;
}

}  // namespace tallystick::ledger
