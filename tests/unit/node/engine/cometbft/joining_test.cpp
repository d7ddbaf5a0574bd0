#include "node/engine/cometbft/joining.hpp"

#include <fstream>
#include <thread>

#include "ledger/store/snapshot_format.hpp"
#include "node/engine/cometbft/snapshot_keeper.hpp"
#include "protocol/canonical.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/network_world.hpp"

namespace tallystick::node::test {
namespace {

/// A ledger of some blocks that keeps a snapshot of itself.
struct Giver {
    NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    Folder folder;
    SnapshotKeeper keeper{{folder.path() / "snapshots", [this] { return node.read_side().open(); },
                           world.genesis_file(), 5}};

    Giver() {
        for (int i = 0; i < 6; ++i)
            chain.play(node, i < 2
                                 ? std::vector<std::string>{}
                                 : std::vector{world.bundle(
                                       0, {world.registration(0, "group-" + std::to_string(i))})});
        keeper.make_if_due(node.read_side().head().height);
        keeper.finish();
    }
    [[nodiscard]] abci_pb::RequestOfferSnapshot offer() {
        const auto offers = keeper.list();
        REQUIRE(offers.size() == 1);
        abci_pb::RequestOfferSnapshot request;
        auto& snapshot = *request.mutable_snapshot();
        snapshot.set_height(offers[0].height);
        snapshot.set_format(offers[0].format);
        snapshot.set_chunks(offers[0].chunks);
        snapshot.set_hash(offers[0].hash);
        snapshot.set_metadata(offers[0].metadata);
        request.set_app_hash(app_hash_of(node.store().app_state()).str());
        return request;
    }
    [[nodiscard]] abci_pb::RequestApplySnapshotChunk chunk(std::uint32_t index) {
        abci_pb::RequestApplySnapshotChunk request;
        request.set_index(index);
        request.set_chunk(keeper.load_chunk(6, ledger::snapshot_format_version, index));
        request.set_sender("somebody");
        return request;
    }
};

struct Joiner {
    explicit Joiner(const NetworkWorld& world)
        : application(
              {folder.path() / "ledger", world.genesis_file(), {std::string(40, 'a')}, [this] {
                   ++restored;
               }}) {}
    Folder folder;
    int restored = 0;
    JoiningApplication application;
};

using Offer = abci_pb::ResponseOfferSnapshot;
using Chunk = abci_pb::ResponseApplySnapshotChunk;

}  // namespace

TEST_CASE("a node is built from another's snapshot and stands where that one stood",
          "[node][cometbft]") {
    Giver giver;
    Joiner joiner{giver.world};
    CHECK(joiner.application.info({})->last_block_height() == 0);
    CHECK(joiner.application.offer_snapshot(giver.offer())->result() == Offer::ACCEPT);
    const auto chunks = giver.offer().snapshot().chunks();
    REQUIRE(chunks >= 1);
    CHECK(joiner.application.progress() == SnapshotProgress{1, 0, chunks});
    for (std::uint32_t i = 0; i < chunks; ++i)
        CHECK(joiner.application.apply_snapshot_chunk(giver.chunk(i))->result() == Chunk::ACCEPT);
    CHECK(joiner.restored == 1);
    const auto info = joiner.application.info({});
    CHECK(info->last_block_height() == 6);
    CHECK(info->last_block_app_hash() == app_hash_of(giver.node.store().app_state()).str());
    const auto store = ledger::Store::open(joiner.folder.path() / "ledger", {});
    REQUIRE(store);
    CHECK((*store)->height() == 6);
    CHECK((*store)->base_height() == 6);
    CHECK((*store)->app_state().SerializeAsString() ==
          giver.node.store().app_state().SerializeAsString());
    CHECK(joiner.application.offer_snapshot(giver.offer())->result() == Offer::ABORT);
}

TEST_CASE("false snapshots are refused, and whoever gives a false chunk is named",
          "[node][cometbft]") {
    Giver giver;
    Joiner joiner{giver.world};
    const auto offered = [&](auto change) {
        auto offer = giver.offer();
        change(offer);
        return joiner.application.offer_snapshot(offer)->result();
    };
    CHECK(offered([](auto& o) { o.mutable_snapshot()->set_format(9); }) == Offer::REJECT_FORMAT);
    // Nobody honest offers these: who does is not asked for another.
    CHECK(offered([](auto& o) { o.mutable_snapshot()->set_hash(std::string(32, 'x')); }) ==
          Offer::REJECT_SENDER);
    CHECK(offered([](auto& o) { o.mutable_snapshot()->set_height(7); }) == Offer::REJECT_SENDER);
    CHECK(offered([](auto& o) { o.mutable_snapshot()->set_chunks(99); }) == Offer::REJECT_SENDER);
    CHECK(offered([](auto& o) { o.mutable_snapshot()->set_metadata("x"); }) ==
          Offer::REJECT_SENDER);
    CHECK(offered([](auto& o) { o.set_app_hash(std::string(32, 'x')); }) == Offer::REJECT_SENDER);
    CHECK(offered([](auto& o) { o.set_app_hash("short"); }) == Offer::REJECT_SENDER);
    CHECK(joiner.application.apply_snapshot_chunk(giver.chunk(0))->result() ==
          Chunk::REJECT_SNAPSHOT);

    CHECK(offered([](auto&) {}) == Offer::ACCEPT);
    auto early = giver.chunk(0);
    early.set_index(1);
    CHECK(joiner.application.apply_snapshot_chunk(early)->result() == Chunk::RETRY_SNAPSHOT);
    auto cut = giver.chunk(0);
    cut.mutable_chunk()->pop_back();
    const auto answer = joiner.application.apply_snapshot_chunk(cut);
    CHECK(answer->result() == Chunk::RETRY);
    REQUIRE(answer->refetch_chunks_size() == 1);
    CHECK(answer->refetch_chunks(0) == 0);
    REQUIRE(answer->reject_senders_size() == 1);
    CHECK(answer->reject_senders(0) == "somebody");
    CHECK(joiner.restored == 0);
    CHECK(joiner.application.apply_snapshot_chunk(giver.chunk(0))->result() == Chunk::ACCEPT);
}

TEST_CASE("without a ledger nothing is decided, and only known peers are spoken to",
          "[node][cometbft]") {
    const NetworkWorld world;
    Joiner joiner{world};
    auto& application = joiner.application;
    CHECK_FALSE(application.init_chain({}));
    CHECK_FALSE(application.prepare_proposal({}));
    CHECK_FALSE(application.process_proposal({}));
    CHECK_FALSE(application.finalize_block({}));
    CHECK_FALSE(application.commit({}));
    CHECK(application.check_tx({})->code() == 1);
    CHECK(application.list_snapshots({})->snapshots_size() == 0);
    CHECK(application.load_snapshot_chunk({})->chunk().empty());
    abci_pb::RequestQuery query;
    query.set_path("/p2p/filter/id/" + std::string(40, 'a'));
    CHECK(application.query(query)->code() == 0);
    query.set_path("/p2p/filter/id/" + std::string(40, 'b'));
    CHECK(application.query(query)->code() == 1);
    query.set_path("/p2p/filter/addr/192.0.2.7:1");
    CHECK(application.query(query)->code() == 0);
}

TEST_CASE("snapshots are made at their time, two are kept, a damaged one is not given out",
          "[node][cometbft]") {
    Giver giver;
    CHECK(giver.keeper.list().size() == 1);
    giver.keeper.make_if_due(9);  // block 10 is the next
    giver.keeper.finish();
    CHECK(giver.keeper.list().size() == 1);
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 30; ++i) giver.chain.play(giver.node);
        giver.keeper.make_if_due(giver.node.read_side().head().height);
        giver.keeper.finish();
    }
    const auto offers = giver.keeper.list();
    REQUIRE(offers.size() == 2);
    CHECK(offers[0].height == 66);
    CHECK(offers[1].height == 36);
    CHECK(giver.keeper.load_chunk(6, 1, 0).empty());  // the oldest is gone
    CHECK(giver.keeper.load_chunk(66, 2, 0).empty());
    CHECK(giver.keeper.load_chunk(66, 1, offers[0].chunks).empty());
    CHECK_FALSE(giver.keeper.load_chunk(66, 1, 0).empty());
    CHECK(giver.keeper.offer({}, {}) == OfferVerdict::abort);
    CHECK(giver.keeper.apply_chunk(0, {}).verdict == ChunkVerdict::abort);

    SnapshotKeeper again{{giver.folder.path() / "snapshots",
                          [&] { return giver.node.read_side().open(); }, giver.world.genesis_file(),
                          0}};
    CHECK(again.list().size() == 2);  // what an earlier process made is there
    {
        const auto file = ledger::chunk_file(giver.folder.path() / "snapshots" / "66", 0);
        std::fstream chunk{file, std::ios::in | std::ios::out | std::ios::binary};
        chunk.seekp(40);
        chunk.put('?');
    }
    CHECK(again.load_chunk(66, 1, 0).empty());
    CHECK(again.list().size() == 1);
}

TEST_CASE("calls wait while an engine is handed from one application to the next",
          "[node][cometbft]") {
    const NetworkWorld world;
    Joiner joiner{world};
    NetworkNode node{world, 0};
    SwitchableApplication switchable{joiner.application};
    CHECK_FALSE(switchable.commit({}));
    CHECK(switchable.check_tx({})->code() == 1);
    switchable.hold();
    std::atomic<bool> answered{false};
    std::thread caller{[&] {
        const auto info = switchable.info({});
        CHECK(info->data() == "county");
        answered = true;
    }};
    CHECK_FALSE(answered);
    switchable.switch_to(node.application());
    caller.join();
    CHECK(answered);
    PlayedChain chain{world};
    CHECK(switchable.init_chain(chain.genesis()));
}

}  // namespace tallystick::node::test
