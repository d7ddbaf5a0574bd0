#include "node/late_join.hpp"

#include <fstream>

#include "node/engine/cometbft/engine_files.hpp"
#include "node/engine/cometbft/sign_state.hpp"
#include "node/engine/cometbft/snapshot_keeper.hpp"
#include "node/network_file.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/network_world.hpp"

namespace tallystick::node::test {
namespace {

namespace fs = std::filesystem;

/// A data folder in which a node could begin.
struct Beginner {
    NetworkWorld world;
    Folder folder;
    DataFolder data{folder.path()};
    Config config;
    LoadedGenesis genesis = *loaded_genesis_from(world.genesis_file());
    LateJoinProgress progress;
    int begun = 0;

    Beginner() {
        fs::create_directories(data.engine() / "data");
        REQUIRE(keep_sign_state(data.root, {5, 0, 3}));
        NetworkFile network;
        network.ledger_id = genesis.ledger_id;
        REQUIRE(
            write_file_atomically(data.network(), network_json(network), FileMode::everyone_reads));
    }
    static void write(const fs::path& file, const std::string& text) {
        std::ofstream{file} << text;
    }
    /// What a crash leaves in the middle of joining.
    void was_joining() {
        write(data.engine() / "joining", "x");
        fs::create_directories(data.engine() / "data/blockstore.db");
    }
    [[nodiscard]] bool joins() {
        const LateJoinParts parts{data,
                                  config,
                                  genesis,
                                  world.node_key(0),
                                  progress,
                                  [] { return false; },
                                  [this] { ++begun; }};
        const auto joined = join_late(parts);
        INFO((joined ? "" : joined.error()));
        REQUIRE(joined);
        return *joined != nullptr;
    }
    /// The ledger as a snapshot leaves it: of six blocks, none of them here.
    void take_snapshot() {
        NetworkNode node{world, 0};
        PlayedChain chain{world};
        Folder kept;
        SnapshotKeeper keeper{{kept.path() / "snapshots", [&] { return node.read_side().open(); },
                               world.genesis_file(), 5}};
        for (int i = 0; i < 6; ++i) chain.play(node);
        keeper.make_if_due(6);
        keeper.finish();
        const auto offer = keeper.list().at(0);
        ledger::SnapshotRestore::Options options;
        options.folder = data.ledger();
        options.genesis = world.genesis_file();
        options.manifest = offer.metadata;
        options.trusted_app_hash = app_hash_of(node.store().app_state());
        auto restore = ledger::SnapshotRestore::begin(options);
        REQUIRE(restore);
        for (std::uint32_t i = 0; i < offer.chunks; ++i)
            REQUIRE((*restore)->add_chunk(keeper.load_chunk(6, 1, i)));
        REQUIRE((*restore)->finish());
        restore->reset();
        REQUIRE(ledger::Store::open(data.ledger(), {}));
    }
};

}  // namespace

TEST_CASE("a snapshot is taken only by a node that has no ledger and knows whom to believe",
          "[node][cometbft]") {
    Beginner beginner;
    CHECK_FALSE(beginner.joins());  // founders: no trust file, no APIs
    beginner.config.network.apis = {"http://127.0.0.1:1"};
    CHECK_FALSE(beginner.joins());  // no trust file
    CHECK(beginner.begun == 0);
    fs::create_directories(beginner.data.engine() / "data/blockstore.db");
    CHECK_FALSE(beginner.joins());  // its engine has blocks
    fs::remove(beginner.data.network());
    CHECK_FALSE(beginner.joins());  // no network
}

TEST_CASE("a snapshot that no block has followed goes when the node stopped while it joined",
          "[node][cometbft]") {
    Beginner beginner;
    beginner.take_snapshot();
    SECTION("with its engine's blocks, and with what was signed kept") {
        beginner.was_joining();
        CHECK_FALSE(beginner.joins());
        CHECK_FALSE(fs::exists(beginner.data.ledger()));
        CHECK_FALSE(fs::exists(beginner.data.engine() / "data/blockstore.db"));
        CHECK_FALSE(fs::exists(beginner.data.engine() / "joining"));
        CHECK(fs::exists(beginner.data.engine() / "data/priv_validator_state.json"));
    }
    SECTION("but not where it did not stop then") {
        fs::create_directories(beginner.data.engine() / "data/blockstore.db");
        CHECK_FALSE(beginner.joins());
        CHECK(fs::exists(beginner.data.ledger()));
    }
}

TEST_CASE("where the ledger is gone, an engine without its first blocks begins anew",
          "[node][cometbft]") {
    Beginner beginner;
    EngineSetup setup;
    setup.data = beginner.data.root;
    fs::create_directories(beginner.data.engine() / "data/blockstore.db");
    SECTION("it has them all") {
        CHECK_FALSE(beginner.joins());
        CHECK(has_engine_blocks(setup));
    }
    SECTION("it began with a snapshot, or threw old ones away") {
        REQUIRE(note_first_blocks_gone(setup));
        SECTION("and the ledger is there") {
            beginner.take_snapshot();
            CHECK_FALSE(beginner.joins());
            CHECK(has_engine_blocks(setup));
            CHECK(fs::exists(beginner.data.ledger()));
        }
        SECTION("and there is none") {
            CHECK_FALSE(beginner.joins());
            CHECK_FALSE(has_engine_blocks(setup));
            CHECK(read_sign_state(setup.sign_state_file())->height == 5);
        }
    }
}

TEST_CASE("a ledger with blocks of its own is never thrown away", "[node][cometbft]") {
    Beginner beginner;
    {
        NetworkNode node{beginner.world, 0};
        PlayedChain chain{beginner.world};
        chain.play(node);
        REQUIRE(node.store().checkpoint());
        REQUIRE(node.store().backup_to(beginner.data.ledger()));
    }
    beginner.was_joining();
    CHECK_FALSE(beginner.joins());
    CHECK_FALSE(fs::exists(beginner.data.engine() / "joining"));
    CHECK(fs::exists(beginner.data.engine() / "data/blockstore.db"));
    CHECK((*ledger::Store::open(beginner.data.ledger(), {}))->height() == 1);
}

}  // namespace tallystick::node::test
