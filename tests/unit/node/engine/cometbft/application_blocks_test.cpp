#include "node/engine/cometbft/application.hpp"
#include "protocol/canonical.hpp"
#include "protocol/refusal.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/network_world.hpp"

namespace tallystick::node::test {
namespace {

bool says(const std::string& sentence, std::string_view what) {
    INFO(sentence);
    return sentence.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("a decided block is executed once, and durable only with Commit", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    chain.play(node);
    const auto block = chain.decide(node, {world.bundle(1, {world.registration(0, "food-bank")})});
    const auto first = node.application().finalize_block(block);
    REQUIRE(first);
    CHECK(node.read_side().head().height == 1);  // nobody sees it yet
    const auto again = node.application().finalize_block(block);
    REQUIRE(again);
    CHECK(again->SerializeAsString() == first->SerializeAsString());
    CHECK(first->app_hash() == app_hash_of(node.store().app_state()).str());
    REQUIRE(node.application().commit({}));
    CHECK(node.read_side().head().height == 2);
    CHECK(node.application().finalize_block(block)->SerializeAsString() ==
          first->SerializeAsString());
    CHECK(node.application().fault() == std::nullopt);
}

TEST_CASE("a new process of the engine may begin again while the first block is not durable",
          "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    const auto begun = node.application().init_chain(chain.genesis());
    REQUIRE(begun);
    const auto block = chain.decide(node, {world.bundle(1, {world.registration(0, "food-bank")})});
    const auto first = node.application().finalize_block(block);
    REQUIRE(first);
    CHECK(node.application().info({})->last_block_height() == 0);
    const auto again = node.application().init_chain(chain.genesis());
    REQUIRE(again);
    CHECK(again->app_hash() == begun->app_hash());
    CHECK(node.application().finalize_block(block)->SerializeAsString() ==
          first->SerializeAsString());
    REQUIRE(node.application().commit({}));
    CHECK_FALSE(node.application().init_chain(chain.genesis()));
}

TEST_CASE("a Commit that the engine did not see the end of can be asked for again, with its block",
          "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    chain.play(node);
    const auto block = chain.decide(node, {});
    REQUIRE(node.application().finalize_block(block));
    REQUIRE(node.application().commit({}));
    REQUIRE(node.application().finalize_block(block));  // the new process replays it
    REQUIRE(node.application().commit({}));
    CHECK_FALSE(node.application().commit({}));
    CHECK(node.read_side().head().height == 2);
    CHECK(node.application().fault() == std::nullopt);
}

TEST_CASE("a process that died between execution and Commit gives the same answer again",
          "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    chain.play(node);
    const auto block = chain.decide(node, {world.bundle(1, {world.registration(0, "food-bank")})});
    const auto first = node.application().finalize_block(block);
    REQUIRE(first);
    node.restart();
    CHECK(node.application().info({})->last_block_height() == 1);
    const auto again = node.application().finalize_block(block);
    REQUIRE(again);
    CHECK(again->SerializeAsString() == first->SerializeAsString());
    REQUIRE(node.application().commit({}));
    CHECK(entries_of(node.read_side(), 2).size() == 1);
}

TEST_CASE("another block of the same height is a fork: the node stops and says so",
          "[node][cometbft]") {
    const NetworkWorld world;
    const auto bundle = world.bundle(1, {world.registration(0, "food-bank")});
    const bool committed = GENERATE(false, true);
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    chain.play(node);
    auto block = chain.decide(node, {bundle});
    REQUIRE(node.application().finalize_block(block));
    if (committed) REQUIRE(node.application().commit({}));
    block.set_hash(std::string(32, 'x'));
    const auto other = node.application().finalize_block(block);
    REQUIRE_FALSE(other);
    CHECK(says(other.error(), "fork"));
    CHECK(node.failures.size() == 1);
    // From here on nothing changes, and reads go on.
    CHECK_FALSE(node.application().commit({}));
    CHECK_FALSE(node.application().prepare_proposal({}));
    CHECK_FALSE(node.application().process_proposal({}));
    CHECK(node.read_side().head().height == (committed ? 2 : 1));
}

TEST_CASE("blocks out of order, without a hash or in the past stop the node", "[node][cometbft]") {
    const NetworkWorld world;
    PlayedChain chain{world};
    const auto refused = [&](auto change) {
        NetworkNode node{world, 0};
        PlayedChain mine{world};
        mine.play(node);
        auto block = mine.decide(node, {});
        change(block);
        const auto answer = node.application().finalize_block(block);
        REQUIRE_FALSE(answer);
        CHECK(node.read_side().head().height == 1);
        return answer.error();
    };
    CHECK(says(refused([](auto& b) { b.set_height(3); }), "next one here is 2"));
    CHECK(says(refused([](auto& b) { b.set_height(0); }), "next one here is 2"));
    CHECK(says(refused([](auto& b) { b.set_hash("short"); }), "32 bytes"));
    CHECK(says(refused([](auto& b) { b.mutable_time()->set_seconds(start_ms / 1000 - 60); }),
               "not later"));
    CHECK(says(refused([](auto& b) { b.mutable_time()->set_nanos(-1); }), "not later"));
    CHECK(says(refused([&](auto& b) { b.add_txs("nonsense"); }), "no honest node accepts"));
    CHECK(says(refused([&](auto& b) {
                   b.add_txs(world.bundle(1, {world.forged(world.registration(0, "x-y-z"))}));
               }),
               "no honest node accepts"));
}

TEST_CASE("outcomes, skips and the bundle of a stranger in one block", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    chain.play(node);
    const auto envelope = world.registration(0, "food-bank");
    const auto stranger = SigningKey::from_seed(bytes_of(std::string(32, 'q')));
    std::vector<std::optional<Skip>> skips;
    std::size_t hashes = 0;
    node.on_committed = [&](const CommittedBlock& block) {
        hashes = block.bundle_hashes.size();
        for (const auto& result : block.results) skips.push_back(result.skip);
        REQUIRE(block.results.size() == block.envelopes.size());
        CHECK(block.event.entries.size() == 2);
    };
    chain.play(node, {world.bundle(1, {envelope, world.registration_by_stranger("advice")}),
                      world.bundle(2, {envelope, world.registration(0, "food-bank")}),
                      world.bundle_of(stranger, {world.registration(2, "unheard")}, {})});
    CHECK(hashes == 3);
    CHECK(skips == std::vector<std::optional<Skip>>{std::nullopt, Skip::not_authorised,
                                                    Skip::id_used, std::nullopt});
    const auto entries = entries_of(node.read_side(), 2);
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].outcome().status() == pb::STATUS_DONE);
    CHECK(entries[1].outcome().refusal() == static_cast<std::uint32_t>(Refusal::account_exists));
}

TEST_CASE("nodes that replay the same chain come to the same state, wherever they begin",
          "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode leader{world, 0};
    NetworkNode late{world, 1};
    PlayedChain chain{world};
    chain.play(leader);
    for (int i = 0; i < 5; ++i)
        chain.play(leader,
                   {world.bundle(0, {world.registration(0, "group-" + std::to_string(i))})});
    for (std::uint64_t height = 1; height <= chain.height(); ++height) {
        if (height == 4) late.restart();
        REQUIRE(late.application().finalize_block(chain.request(height)));
        REQUIRE(late.application().commit({}));
    }
    CHECK(late.store().app_state().SerializeAsString() ==
          leader.store().app_state().SerializeAsString());
    // What was never in its mempool was verified all the same.
    CHECK(late.checker().checked() == 5);
}

TEST_CASE("evidence against a node is recorded with the block that brings it", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    chain.play(node);
    abci_pb::Misbehavior evidence;
    evidence.set_type(abci_pb::DUPLICATE_VOTE);
    evidence.mutable_validator()->set_address(address_of(world.node_key(2).public_key()).str());
    evidence.mutable_validator()->set_power(10);
    evidence.set_height(1);
    evidence.mutable_time()->set_seconds(start_ms / 1000);
    evidence.set_total_voting_power(40);
    REQUIRE(node.application().finalize_block(chain.decide(node, {}, {evidence})));
    REQUIRE(node.application().commit({}));
    const auto snapshot = node.read_side().snapshot();
    REQUIRE(snapshot);
    const auto record = (*snapshot)->state().get(misbehaviour_key(NetworkWorld::handle(2), 1));
    REQUIRE(record);
    CHECK(record->misbehaviour().kind() == pb::MISBEHAVIOUR_KIND_DUPLICATE_VOTE);
    CHECK(record->misbehaviour().total_power() == 40);
    const auto block = node.read_side().block(2);
    REQUIRE(block);
    CHECK(block->misbehaviours_size() == 1);
}

TEST_CASE("a signature of this node's key that its engine never gave stops it",
          "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    chain.play(node);
    auto block = chain.decide(node, {});
    auto& vote = *block.mutable_decided_last_commit()->add_votes();
    vote.mutable_validator()->set_address(address_of(world.node_key(1).public_key()).str());
    vote.set_block_id_flag(tendermint::types::BLOCK_ID_FLAG_COMMIT);
    node.signed_elsewhere = "Somebody else signs with this key.";
    REQUIRE(node.application().finalize_block(block));  // another node's vote is no matter
    REQUIRE(node.application().commit({}));
    auto next = chain.decide(node, {});
    auto& mine = *next.mutable_decided_last_commit()->add_votes();
    mine.mutable_validator()->set_address(address_of(world.node_key(0).public_key()).str());
    mine.set_block_id_flag(tendermint::types::BLOCK_ID_FLAG_NIL);
    const auto refused = node.application().finalize_block(next);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == *node.signed_elsewhere);
}

TEST_CASE("the engine asks whom it may speak to", "[node][cometbft]") {
    const NetworkWorld world;
    ApplicationOptions options;
    options.extra_peers = {std::string(40, 'e')};
    NetworkNode node{world, 0, options};
    const auto asked = [&](const std::string& path) {
        abci_pb::RequestQuery request;
        request.set_path(path);
        const auto answer = node.application().query(request);
        REQUIRE(answer);
        return answer->code();
    };
    CHECK(asked("/p2p/filter/addr/192.0.2.7:7712") == 0);
    for (std::size_t i = 0; i < world.size(); ++i)
        CHECK(asked("/p2p/filter/id/" +
                    to_hex(address_of(world.node_key(i).public_key()).view())) == 0);
    CHECK(asked("/p2p/filter/id/" + std::string(40, 'e')) == 0);
    CHECK(asked("/p2p/filter/id/" + std::string(40, 'f')) == 1);
    CHECK(asked("/p2p/filter/id/") == 1);
    CHECK(asked("/store") == 1);
    CHECK(asked("") == 1);
}

TEST_CASE("blocks are kept for others until their headers are here", "[node][cometbft]") {
    const NetworkWorld world;
    ApplicationOptions options;
    options.retain_blocks = 2;
    NetworkNode node{world, 0, options};
    PlayedChain chain{world};
    for (int i = 0; i < 5; ++i) chain.play(node);
    REQUIRE(node.application().finalize_block(chain.decide(node, {})));
    CHECK(node.application().commit({})->retain_height() == 0);  // no header is here
    for (std::uint64_t height = 1; height <= 6; ++height) {
        const auto& header = chain.header(height);
        REQUIRE(node.store().add_header(height, header.header, header.commit));
    }
    node.lets_blocks_go = false;
    REQUIRE(node.application().finalize_block(chain.decide(node, {})));
    CHECK(node.application().commit({})->retain_height() == 0);  // that could not be noted
    node.lets_blocks_go = true;
    REQUIRE(node.application().finalize_block(chain.decide(node, {})));
    CHECK(node.application().commit({})->retain_height() == 5);
}

namespace {

/// Has snapshots of these blocks.
struct Snapshots final : SnapshotService {
    std::vector<std::uint64_t> heights;
    std::vector<SnapshotOffer> list() override {
        std::vector<SnapshotOffer> offers;
        for (const auto height : heights) offers.push_back({height, 1, 1, "hash", "manifest"});
        return offers;
    }
    std::uint64_t oldest() override { return heights.empty() ? 0 : heights.back(); }
    std::string load_chunk(std::uint64_t, std::uint32_t, std::uint32_t) override { return {}; }
    OfferVerdict offer(const SnapshotOffer&, std::string_view) override {
        return OfferVerdict::abort;
    }
    ChunkAnswer apply_chunk(std::uint32_t, std::string_view) override { return {}; }
};

}  // namespace

TEST_CASE(
    "a snapshot is offered when its taker can go on from it, and the blocks after it are kept",
    "[node][cometbft]") {
    const NetworkWorld world;
    ApplicationOptions options;
    options.retain_blocks = 2;
    Snapshots snapshots;
    NetworkNode node{world, 0, options, &snapshots};
    PlayedChain chain{world};
    for (int i = 0; i < 6; ++i) chain.play(node);
    snapshots.heights = {5, 4, 3};
    CHECK(node.application().list_snapshots({})->snapshots_size() == 0);  // no header is here
    const auto add_header = [&](std::uint64_t height) {
        const auto& header = chain.header(height);
        REQUIRE(node.store().add_header(height, header.header, header.commit));
    };
    for (std::uint64_t height = 1; height <= 5; ++height) add_header(height);
    const auto offered = node.application().list_snapshots({});
    REQUIRE(offered->snapshots_size() == 1);
    CHECK(offered->snapshots(0).height() == 3);  // blocks 4 and 5 have theirs
    add_header(6);
    CHECK(node.application().offered_snapshots().size() == 2);
    REQUIRE(node.application().finalize_block(chain.decide(node, {})));
    CHECK(node.application().commit({})->retain_height() == 3);
    snapshots.heights = {};
    REQUIRE(node.application().finalize_block(chain.decide(node, {})));
    CHECK(node.application().commit({})->retain_height() == 5);
}

TEST_CASE("without a service for snapshots none are offered, served or taken", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    CHECK(node.application().list_snapshots({})->snapshots_size() == 0);
    CHECK(node.application().load_snapshot_chunk({})->chunk().empty());
    CHECK(node.application().offer_snapshot({})->result() == abci_pb::ResponseOfferSnapshot::ABORT);
    CHECK(node.application().apply_snapshot_chunk({})->result() ==
          abci_pb::ResponseApplySnapshotChunk::ABORT);
}

}  // namespace tallystick::node::test
