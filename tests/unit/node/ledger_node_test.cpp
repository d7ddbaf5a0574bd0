#include "node/ledger_node.hpp"

#include <thread>

#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/header.hpp"
#include "protocol/log_proof.hpp"
#include "protocol/merkle.hpp"
#include "protocol/state_proof.hpp"
#include "protocol/timestamp.hpp"
#include "unit/catch.hpp"
#include "unit/node/small_ledger.hpp"

namespace tallystick::node::test {
namespace {

/// Waits for a proof.
ProvedState prove(const NodeService& node, std::vector<std::string> keys) {
    std::promise<Result<ProvedState, ReadError>> promise;
    node.prove_state(std::move(keys), [&](Result<ProvedState, ReadError> proved) {
        promise.set_value(std::move(proved));
    });
    auto proved = promise.get_future().get();
    REQUIRE(proved);
    return *proved;
}

ProvedEntry prove(const NodeService& node, std::uint64_t index) {
    std::promise<Result<ProvedEntry, ReadError>> promise;
    node.prove_entry(index, [&](Result<ProvedEntry, ReadError> proved) {
        promise.set_value(std::move(proved));
    });
    auto proved = promise.get_future().get();
    REQUIRE(proved);
    return *proved;
}

}  // namespace

TEST_CASE("the first block makes the genesis provable, and then there is silence", "[node][solo]") {
    SmallLedger small;
    const auto node = small.open();
    REQUIRE(wait_for_height(*node, 1));
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    CHECK(node->head().height == 1);
    CHECK(node->not_ready().empty());
    const auto proved = prove(*node, {account_key("suffolk").bytes, account_key("nobody").bytes});
    CHECK(proved.items[0].present());
    CHECK_FALSE(proved.items[1].present());
    const auto root = Hash::from(proved.app_state.state_root());
    REQUIRE(root);
    CHECK(verify_state_proof(*root, proved.items[0]));
    CHECK(verify_state_proof(*root, proved.items[1]));
    CHECK(verify_commit(proved.block, SlotRule::blank));
}

TEST_CASE("an envelope is answered once it is durable, readable and soon provable",
          "[node][solo]") {
    SmallLedger small;
    const auto node = small.open();
    const auto answers = submit(*node, {small.registration("food-bank")});
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].status == AnswerStatus::done);
    CHECK(answers[0].first);
    REQUIRE(answers[0].logged);
    CHECK(answers[0].logged->log_index == 0);
    const auto snapshot = node->snapshot();
    REQUIRE(snapshot);
    CHECK((*snapshot)->state().get(account_key("suffolk/food-bank")) != nullptr);
    CHECK((*snapshot)->log_size() == 1);
    const auto found = node->lookup(*answers[0].id);
    REQUIRE(found);
    CHECK(found->bytes == answers[0].logged->bytes);

    const auto proved = prove(*node, 0);
    const auto root = Hash::from(proved.app_state.log_root());
    const auto path = hashes_from(proved.item.path(), 64);
    REQUIRE((root && path));
    CHECK(verify_inclusion(merkle::leaf_hash(proved.item.entry()), 0, proved.app_state.log_size(),
                           *path, *root));
    CHECK(verify_commit(proved.block, SlotRule::blank));
}

TEST_CASE("the same envelope again gets its first outcome, now and after a restart",
          "[node][solo]") {
    SmallLedger small;
    const auto envelope = small.registration("food-bank");
    {
        const auto node = small.open();
        const auto first = submit(*node, {envelope, envelope});
        CHECK(first[0].status == AnswerStatus::done);
        CHECK(first[1].status == AnswerStatus::done);
        CHECK(first[0].first != first[1].first);
        const auto again = submit(*node, {envelope});
        CHECK(again[0].status == AnswerStatus::done);
        CHECK_FALSE(again[0].first);
        REQUIRE(node->shut_down(std::chrono::seconds{5}));
    }
    const auto node = small.open();
    const auto again = submit(*node, {envelope});
    REQUIRE(again[0].logged);
    CHECK_FALSE(again[0].first);
    CHECK(again[0].logged->log_index == 0);
    CHECK(node->head().app_state.log_size() == 1);
}

TEST_CASE("a refused envelope is in the log with its refusal", "[node][solo]") {
    SmallLedger small;
    const auto node = small.open();
    CHECK(submit(*node, {small.registration("food-bank")})[0].status == AnswerStatus::done);
    const auto answers = submit(*node, {small.registration("food-bank")});
    CHECK(answers[0].status == AnswerStatus::refused);
    CHECK(answers[0].code == refusal_name(Refusal::account_exists));
    CHECK(node->head().app_state.log_size() == 2);
}

TEST_CASE("a copy whose signatures were swapped burns nothing, sent before or after the good one",
          "[node][solo]") {
    SmallLedger small;
    const auto node = small.open();
    const auto good = small.registration("food-bank");
    pb::Envelope swapped;
    REQUIRE(swapped.ParseFromString(good));
    const auto stranger = SigningKey::from_seed(bytes_of(std::string(32, 's')));
    swapped.mutable_signatures(0)->set_public_key(stranger.public_key().str());
    swapped.mutable_signatures(0)->set_signature(
        stranger.sign(bytes_of(signing_message(swapped.body()))).str());
    const auto bad = canonical_bytes(swapped);

    const auto answers = submit(*node, {bad, good, bad});
    CHECK(answers[0].status == AnswerStatus::skipped);
    CHECK(answers[0].code == skip_name(Skip::not_authorised));
    CHECK(answers[1].status == AnswerStatus::done);
    CHECK(answers[1].first);
    CHECK(node->head().app_state.log_size() == 1);
    CHECK(submit(*node, {bad})[0].status == AnswerStatus::done);  // the id's first outcome
}

TEST_CASE("what can never be taken is answered before a block is made", "[node][pipeline]") {
    SmallLedger small;
    const auto node = small.open();
    REQUIRE(wait_for_height(*node, 1));
    auto other_ledger = small.body();
    other_ledger.set_ledger_id(std::string(32, 'x'));
    other_ledger.mutable_close_contract()->mutable_contract()->set_ocid("ocds-1");
    auto expired = small.body();
    expired.set_valid_until(start_ms / 1000 - 1);
    expired.mutable_close_contract()->mutable_contract()->set_ocid("ocds-1");
    auto distant = expired;
    distant.set_valid_until(start_ms / 1000 + validity_seconds_max + 10);
    pb::Envelope forged;
    REQUIRE(forged.ParseFromString(small.registration("food-bank")));
    auto signature = forged.signatures(0).signature();
    signature[5] = static_cast<char>(signature[5] ^ 1);
    forged.mutable_signatures(0)->set_signature(signature);

    const auto& key = small.authority_key();
    const auto answers =
        submit(*node, {"no envelope", sign_envelope(other_ledger, {&key}),
                       sign_envelope(expired, {&key}), sign_envelope(distant, {&key}),
                       canonical_bytes(forged), std::string(envelope_bytes_max + 1, 'x')});
    CHECK(answers[0].code == envelope_error_name(EnvelopeError::not_canonical));
    CHECK(answers[1].code == skip_name(Skip::wrong_ledger));
    CHECK(answers[2].code == skip_name(Skip::expired));
    CHECK(answers[3].code == skip_name(Skip::too_distant));
    CHECK(answers[4].code == envelope_error_name(EnvelopeError::false_signature));
    CHECK(answers[5].code == envelope_error_name(EnvelopeError::too_large));
    CHECK(node->head().height == 1);
    CHECK(node->metrics().malformed_total == 3);
    CHECK(node->metrics().skipped_total == 3);
}

TEST_CASE("a dry run says what the ledger would say and changes nothing", "[node]") {
    SmallLedger small;
    const auto node = small.open();
    const auto envelope = small.registration("food-bank");
    CHECK(node->dry_run(envelope, DryRunForm::envelope).status == AnswerStatus::done);
    CHECK(node->dry_run(small.registration_by_stranger("food-bank"), DryRunForm::envelope).code ==
          skip_name(Skip::not_authorised));
    pb::Envelope parsed;
    REQUIRE(parsed.ParseFromString(envelope));
    CHECK(node->dry_run(parsed.body(), DryRunForm::body).status == AnswerStatus::done);
    CHECK(node->dry_run("nonsense", DryRunForm::body).status == AnswerStatus::malformed);
    CHECK(node->head().app_state.log_size() == 0);
    CHECK(submit(*node, {envelope})[0].status == AnswerStatus::done);
    CHECK(node->dry_run(envelope, DryRunForm::envelope).code == skip_name(Skip::id_used));
}

TEST_CASE("more than the queue holds is answered busy, and what was taken is decided",
          "[node][pipeline]") {
    SmallLedger small;
    LedgerNodeOptions options;
    options.verifier.threads = 1;
    options.verifier.envelopes_max = 5;
    const auto node = small.open(options);
    std::vector<std::string> many;
    for (int i = 0; i < 20; ++i) many.push_back(small.registration("group-" + std::to_string(i)));
    const auto answers = submit(*node, many);
    const auto count = [&](AnswerStatus status) {
        return std::ranges::count(answers, status, &Answer::status);
    };
    CHECK(count(AnswerStatus::done) >= 5);
    CHECK(count(AnswerStatus::busy) == 20 - count(AnswerStatus::done));
    CHECK(count(AnswerStatus::busy) > 0);
    CHECK(node->metrics().queue_envelopes == 0);
}

TEST_CASE("heights, parents and times of a chain fit each other across a restart", "[node][solo]") {
    SmallLedger small;
    for (int round = 0; round < 3; ++round) {
        const auto node = small.open();
        for (int i = 0; i < 3; ++i)
            CHECK(submit(*node, {small.registration("group-" + std::to_string(round) +
                                                    std::to_string(i))})[0]
                      .status == AnswerStatus::done);
        REQUIRE(node->shut_down(std::chrono::seconds{5}));
    }
    const auto node = small.open();
    const auto top = node->head().height;
    REQUIRE(top >= 10);
    pb::LightBlock before;
    for (std::uint64_t height = 1; height <= top; ++height) {
        const auto block = node->light_block(height);
        REQUIRE(block);
        REQUIRE(verify_commit(*block, SlotRule::as_signed));
        if (height > 1) {
            CHECK(block->header().last_block_id().hash() == before.commit().block_id().hash());
            CHECK(block->header().last_commit_hash() == commit_hash(before.commit()).str());
            CHECK(std::is_gt(compare(block->header().time(), before.header().time())));
        }
        // A vote is at least a millisecond after its block.
        CHECK(milliseconds_of(block->commit().signatures(0).timestamp()) >
              milliseconds_of(block->header().time()));
        before = *block;
    }
}

TEST_CASE("a shutdown answers what was handed in and takes nothing after", "[node]") {
    SmallLedger small;
    const auto node = small.open();
    std::vector<std::string> many;
    for (int i = 0; i < 200; ++i) many.push_back(small.registration("group-" + std::to_string(i)));
    std::promise<std::vector<Answer>> promise;
    node->submit(many, [&](std::vector<Answer> given) { promise.set_value(std::move(given)); });
    REQUIRE(node->shut_down(std::chrono::seconds{10}));
    const auto answers = promise.get_future().get();
    CHECK(std::ranges::count(answers, AnswerStatus::done, &Answer::status) == 200);
    CHECK(submit(*node, {small.registration("late")})[0].status == AnswerStatus::unavailable);
    CHECK(node->head().provable_height == node->head().height);
    CHECK(node->lookup(*answers[199].id));
}

TEST_CASE("those who listen hear every entry once, in order", "[node]") {
    SmallLedger small;
    const auto node = small.open();
    std::mutex mutex;
    std::vector<std::uint64_t> heard;
    auto subscription = node->subscribe([&](const std::shared_ptr<const BlockEvent>& event) {
        const std::lock_guard lock{mutex};
        for (const auto& entry : event->entries) heard.push_back(entry->log_index);
    });
    for (int i = 0; i < 10; ++i)
        CHECK(submit(*node, {small.registration("group-" + std::to_string(i))})[0].status ==
              AnswerStatus::done);
    subscription.reset();
    CHECK(submit(*node, {small.registration("unheard")})[0].status == AnswerStatus::done);
    const std::lock_guard lock{mutex};
    CHECK(heard == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("the log of an earlier block is proved to be the beginning of a later one", "[node]") {
    SmallLedger small;
    const auto node = small.open();
    std::vector<std::string> first_ones;
    for (int i = 0; i < 5; ++i) first_ones.push_back(small.registration("a-" + std::to_string(i)));
    static_cast<void>(submit(*node, first_ones));
    const auto early = node->head().app_state;
    CHECK(submit(*node, {small.registration("later")})[0].status == AnswerStatus::done);
    const auto late = node->head().app_state;
    const auto proof = node->prove_consistency(early.log_size(), late.log_size());
    REQUIRE(proof);
    CHECK(proof->first_root.str() == early.log_root());
    CHECK(verify_consistency({proof->first, proof->first_root}, {proof->second, proof->second_root},
                             proof->path));
    CHECK(node->prove_consistency(7, 6).error() == ReadError::not_found);
    CHECK(node->prove_consistency(0, 99).error() == ReadError::not_found);
}

TEST_CASE("a ledger that is quiet makes a tick before its headers grow too old", "[node][solo]") {
    SmallLedger small;
    const auto node = small.open();
    REQUIRE(wait_for_height(*node, 1));
    *small.clock_ms += std::uint64_t{1000} * 2592000 / 3 + 1;
    REQUIRE(wait_for_height(*node, 2));
    const auto block = node->block(2);
    REQUIRE(block);
    CHECK(block->bundles_size() == 1);
    CHECK(block->entries_size() == 0);
}

TEST_CASE("a segment ends with an empty block; nothing is taken until the next one goes on",
          "[node][solo]") {
    SmallLedger small;
    const Folder data;
    auto propose = small.body();
    auto& change = *propose.mutable_propose()->mutable_change()->mutable_hand_over();
    change.set_segment(2);
    change.set_engine(pb::ENGINE_SOLO);
    propose.mutable_propose()->set_effective_at(start_ms / 1000);
    std::uint64_t last = 0;
    std::string roots;
    {
        LedgerNodeOptions options;
        options.data = data.path();
        const auto node = small.open(options);
        CHECK(submit(*node, {small.registration("food-bank")})[0].status == AnswerStatus::done);
        *small.clock_ms += 1000;
        CHECK(submit(*node, {sign_envelope(propose, {&small.authority_key()})})[0].status ==
              AnswerStatus::done);
        REQUIRE(wait_for_height(*node, node->head().height + 1));
        for (int i = 0; i < 1000 && node->not_ready().empty(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        const auto refused = submit(*node, {small.registration("late")});
        CHECK(refused[0].status == AnswerStatus::unavailable);
        CHECK(refused[0].code == "segment_ended");
        const auto snapshot = node->snapshot();
        REQUIRE(snapshot);
        const auto handover = (*snapshot)->state().get(handover_key());
        REQUIRE(handover);
        last = handover->initial_height() - 1;
        REQUIRE(wait_for_height(*node, last));
        REQUIRE(node->not_ready().size() == 1);
        CHECK(node->not_ready()[0].find("block " + std::to_string(last)) != std::string::npos);
        CHECK(node->not_ready()[0].find("This node has all of it") != std::string::npos);
        CHECK(node->block(last)->bundles_size() == 0);
        CHECK(node->head().provable_height == last);
        *small.clock_ms += std::uint64_t{1000} * 2592000;  // no tick either
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        CHECK(node->head().height == last);
        CHECK(node->handover(2).error() == ReadError::not_found);
        roots = node->head().app_state.SerializeAsString();
        REQUIRE(node->shut_down(std::chrono::seconds{5}));
    }
    {
        auto store = ledger::Store::open(small.folder(), {});
        REQUIRE(store);
        REQUIRE((*store)->begin_segment("small-ledger-2", last + 1));
        CHECK((*store)->app_state().SerializeAsString() == roots);
    }
    LedgerNodeOptions options;
    options.data = data.path();
    const auto node = small.open(options);
    REQUIRE(wait_for_height(*node, last + 1));
    CHECK(node->chain_id() == "small-ledger-2");
    CHECK(node->segments().size() == 2);
    const auto first = node->light_block(last + 1);
    REQUIRE(first);
    CHECK(first->header().last_block_id().hash().empty());
    CHECK(submit(*node, {small.registration("on-it-goes")})[0].status == AnswerStatus::done);
    CHECK(submit(*node, {small.registration("food-bank")})[0].code ==
          refusal_name(Refusal::account_exists));
    const auto record = node->handover(2);
    REQUIRE(record);
    CHECK(record->last().header().height() == static_cast<std::int64_t>(last));
    CHECK(node->not_ready().empty());
}

TEST_CASE("a node refuses a key that is not its ledger's", "[node]") {
    SmallLedger small;
    auto store = ledger::Store::open(small.folder(), {});
    REQUIRE(store);
    const auto node = LedgerNode::create(std::move(*store), SigningKey::generate(), {});
    REQUIRE_FALSE(node);
    CHECK(node.error().find("not this ledger's node key") != std::string::npos);
}

}  // namespace tallystick::node::test
