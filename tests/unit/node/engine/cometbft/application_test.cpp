#include "node/engine/cometbft/application.hpp"

#include "node/engine/bundle.hpp"
#include "protocol/canonical.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/network_world.hpp"

namespace tallystick::node::test {
namespace {

constexpr auto code(TxFault fault) {
    return static_cast<std::uint32_t>(fault);
}

/// Blocks 1 and 2 of nothing: from here on transactions are proposed.
void begin(PlayedChain& chain, NetworkNode& node) {
    chain.play(node);
    chain.play(node);
}

std::int64_t info_height(NetworkNode& node) {
    const auto info = node.application().info({});
    REQUIRE(info);
    return info->last_block_height();
}

}  // namespace

TEST_CASE("the application tells the engine how far it is, before and after a restart",
          "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    CHECK(info_height(node) == 0);
    const auto begun = node.application().init_chain(chain.genesis());
    REQUIRE(begun);
    CHECK(begun->app_hash() == app_hash_of(node.store().app_state()).str());
    CHECK(begun->validators_size() == 0);
    REQUIRE(node.application().init_chain(chain.genesis()));  // it may come again
    chain.play(node);
    chain.play(node, {world.bundle(1, {world.registration(1, "food-bank")})});
    CHECK(info_height(node) == 2);
    const auto roots = node.store().app_state().SerializeAsString();
    node.restart();
    CHECK(info_height(node) == 2);
    CHECK(node.application().info({})->last_block_app_hash() ==
          app_hash_of(node.store().app_state()).str());
    CHECK(node.store().app_state().SerializeAsString() == roots);
    CHECK_FALSE(node.application().init_chain(chain.genesis()));  // the chain has begun
}

TEST_CASE("a genesis that is not the ledger's is refused, each difference by name",
          "[node][cometbft]") {
    const NetworkWorld world;
    PlayedChain chain{world};
    const auto refused = [&](auto change) {
        NetworkNode node{world, 0};
        auto request = chain.genesis();
        change(request);
        const auto answer = node.application().init_chain(request);
        REQUIRE_FALSE(answer);
        CHECK(node.application().fault() == answer.error());
        CHECK(node.failures.size() == 1);
        return answer.error();
    };
    const auto says = [](const std::string& sentence, std::string_view what) {
        INFO(sentence);
        CHECK(sentence.find(what) != std::string::npos);
    };
    says(refused([](auto& r) { r.set_chain_id("county-2"); }), "county-2");
    says(refused([](auto& r) { r.set_initial_height(7); }), "height 7");
    says(refused([](auto& r) { r.mutable_time()->set_nanos(1); }), "time");
    says(refused([](auto& r) { r.mutable_validators(2)->set_power(11); }), "validators");
    says(refused([](auto& r) { r.mutable_validators()->RemoveLast(); }), "validators");
    says(refused([](auto& r) {
             r.mutable_consensus_params()->mutable_block()->set_max_bytes(4194305);
         }),
         "bounds");
    says(refused([](auto& r) { r.set_app_state_bytes('"' + std::string(64, '0') + '"'); }),
         "another state");
}

TEST_CASE("the genesis may name the state that the ledger begins with", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    auto request = chain.genesis();
    request.set_app_state_bytes('"' + to_hex(app_hash_of(node.store().app_state()).view()) + '"');
    CHECK(node.application().init_chain(request));
}

TEST_CASE("what may enter the mempool, and the reason for whatever may not", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    begin(chain, node);
    const auto envelope = world.registration(0, "food-bank");
    CHECK(node.check_tx(world.bundle(1, {envelope})) == 0);
    CHECK(node.check_tx(world.bundle(2, {})) == 0);  // a tick

    CHECK(node.check_tx("nonsense") == code(TxFault::malformed));
    auto broken = world.bundle(1, {envelope});
    broken.back() = static_cast<char>(broken.back() ^ 1);
    CHECK(node.check_tx(broken) == code(TxFault::malformed));
    CHECK(node.check_tx(world.bundle(1, std::vector<std::string>(513, envelope))) ==
          code(TxFault::malformed));
    CHECK(node.check_tx(world.bundle(1, {std::string(bundle_bytes_max, 'e')})) ==
          code(TxFault::malformed));
    CHECK(node.check_tx(world.bundle(1, {envelope}, {start_ms, "county-2"})) ==
          code(TxFault::wrong_chain));
    const auto stranger = SigningKey::from_seed(bytes_of(std::string(32, 'q')));
    CHECK(node.check_tx(world.bundle_of(stranger, {envelope}, {})) == code(TxFault::unknown_node));
    node.wall_ms = start_ms + bundle_age_ms_max;
    CHECK(node.check_tx(world.bundle(1, {envelope})) == 0);
    node.wall_ms = start_ms + bundle_age_ms_max + 1;
    CHECK(node.check_tx(world.bundle(1, {envelope})) == code(TxFault::too_old));
    node.wall_ms = start_ms - bundle_ahead_ms_max;
    CHECK(node.check_tx(world.bundle(1, {envelope})) == 0);
    node.wall_ms = start_ms - bundle_ahead_ms_max - 1;
    CHECK(node.check_tx(world.bundle(1, {envelope})) == code(TxFault::from_the_future));
    node.wall_ms = start_ms;

    const auto ordered = world.bundle(1, {world.registration(0, "advice")});
    CHECK(node.check_tx(ordered) == 0);
    chain.play(node, {ordered});
    CHECK(node.check_tx(ordered) == code(TxFault::ordered_already));
}

TEST_CASE("a bundle with a false envelope is found out in the background and goes at the recheck",
          "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    begin(chain, node);
    const auto good = world.registration(0, "food-bank");
    const auto bad = world.bundle(3, {good, world.forged(good)});
    CHECK(node.check_tx(bad) == 0);
    CHECK(node.checker().backlog() > 0);
    CHECK(node.checker().checked() == 0);  // CheckTx itself verifies no envelope
    node.checker().work();
    CHECK(node.check_tx(bad, true) == code(TxFault::bad_envelope));
    CHECK(node.check_tx(bad) == 0);  // nothing is remembered of it: it is looked at anew
    CHECK(node.propose(3, {bad}).empty());
    CHECK(node.check_tx(bad, true) == code(TxFault::bad_envelope));
}

TEST_CASE("the recheck takes out what is too old, ordered, or of a node that is gone",
          "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    begin(chain, node);
    const auto stays = world.bundle(1, {world.registration(0, "food-bank")});
    const auto ordered = world.bundle(1, {world.registration(0, "advice")});
    CHECK(node.check_tx(stays) == 0);
    CHECK(node.check_tx(ordered) == 0);
    chain.play(node, {ordered});
    CHECK(node.check_tx(stays, true) == 0);
    CHECK(node.check_tx(ordered, true) == code(TxFault::ordered_already));
    node.wall_ms += bundle_age_ms_max + 1;
    CHECK(node.check_tx(stays, true) == code(TxFault::too_old));
}

TEST_CASE("a flood is cut off on the node that makes it, and on no other", "[node][cometbft]") {
    const NetworkWorld world;
    ApplicationOptions options;
    options.flood.bundles_waiting_max = 3;
    options.flood.bundles_burst = 5;
    options.flood.bundles_per_second = 10;
    NetworkNode node{world, 0, options};
    PlayedChain chain{world};
    begin(chain, node);
    std::vector<std::string> taken;
    for (int i = 0; i < 3; ++i) {
        taken.push_back(world.bundle(1, {}));
        CHECK(node.check_tx(taken.back()) == 0);
    }
    CHECK(node.check_tx(world.bundle(1, {})) == code(TxFault::flood));
    CHECK(node.check_tx(taken[0]) == 0);  // one that is here already is no more of it
    CHECK(node.check_tx(world.bundle(2, {})) == 0);
    chain.play(node, taken);  // room again, but the rate holds
    CHECK(node.check_tx(world.bundle(1, {})) == 0);
    CHECK(node.check_tx(world.bundle(1, {})) == 0);
    CHECK(node.check_tx(world.bundle(1, {})) == code(TxFault::flood));
    chain.play(node, {});
    node.steady_ms += 1000;
    CHECK(node.check_tx(world.bundle(1, {})) == 0);
    // Somebody else's key costs nothing of a node's limits: only its own signature does.
    for (int i = 0; i < 50; ++i) {
        auto forged = world.bundle(3, {});
        forged.back() = static_cast<char>(forged.back() ^ 1);
        CHECK(node.check_tx(forged) == code(TxFault::malformed));
    }
    CHECK(node.check_tx(world.bundle(3, {})) == 0);
}

TEST_CASE("a new process of the engine begins with an empty mempool", "[node][cometbft]") {
    const NetworkWorld world;
    ApplicationOptions options;
    options.flood.bundles_waiting_max = 1;
    NetworkNode node{world, 0, options};
    PlayedChain chain{world};
    begin(chain, node);
    CHECK(node.check_tx(world.bundle(1, {})) == 0);
    CHECK(node.check_tx(world.bundle(1, {})) == code(TxFault::flood));
    const auto before = node.began;
    CHECK(info_height(node) == 2);
    CHECK(node.began == before + 1);
    CHECK(node.check_tx(world.bundle(1, {})) == 0);
}

TEST_CASE("a proposal keeps to the engine's bound to the byte", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    begin(chain, node);
    const auto first = world.bundle(1, {world.registration(0, "food-bank")});
    const auto second = world.bundle(2, {});
    const auto in_block = [](const std::string& tx) {
        return static_cast<std::int64_t>(tx.size() + (tx.size() < 128 ? 2 : 3));
    };
    const auto both = in_block(first) + in_block(second);
    CHECK(node.propose(3, {first, second}, both) == std::vector{first, second});
    CHECK(node.propose(3, {first, second}, both - 1) == std::vector{first});
    CHECK(node.propose(3, {first, second}, in_block(first) - 1).empty());
    CHECK(node.propose(3, {second, second, first}) == std::vector{second, first});
}

TEST_CASE("a proposal stays within what is executed in time", "[node][cometbft]") {
    const NetworkWorld world;
    ApplicationOptions options;
    options.block_envelopes_max = 3;
    NetworkNode node{world, 0, options};
    PlayedChain chain{world};
    begin(chain, node);
    std::vector<std::string> bundles;
    for (std::size_t i = 0; i < 3; ++i)
        bundles.push_back(world.bundle(1, {world.registration(0, "a" + std::to_string(i) + "x"),
                                           world.registration(0, "b" + std::to_string(i) + "x")}));
    CHECK(node.propose(3, bundles) == std::vector{bundles[0]});
    CHECK(node.accepts(3, bundles));  // others may have wider bounds
}

TEST_CASE("what no honest node proposes is voted down", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    begin(chain, node);
    const auto envelope = world.registration(0, "food-bank");
    const auto good = world.bundle(1, {envelope});
    CHECK(node.accepts(3, {}));
    CHECK(node.accepts(3, {good}));
    CHECK_FALSE(node.accepts(3, {good, "nonsense"}));
    CHECK_FALSE(node.accepts(3, {good, good}));
    CHECK_FALSE(node.accepts(3, {world.bundle(1, {world.forged(envelope)})}));
    CHECK_FALSE(node.accepts(3, {world.bundle(1, {"no envelope"})}));
    CHECK_FALSE(node.accepts(3, {world.bundle(1, {envelope}, {start_ms, "county-2"})}));
    auto broken = good;
    broken.back() = static_cast<char>(broken.back() ^ 1);
    CHECK_FALSE(node.accepts(3, {broken}));
    CHECK_FALSE(node.accepts(3, {world.bundle(1, {std::string(bundle_bytes_max, 'e')})}));
    std::vector<std::string> ticks;
    for (std::size_t i = 0; i < proposal_bundles_max; ++i) ticks.push_back(world.bundle(1, {}));
    CHECK(node.accepts(3, ticks));
    ticks.push_back(world.bundle(1, {}));
    CHECK_FALSE(node.accepts(3, ticks));
}

TEST_CASE("a proposal is judged by its bytes: age, owner and state change nothing",
          "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    NetworkNode behind{world, 1};
    PlayedChain chain{world};
    begin(chain, node);
    const auto stranger = SigningKey::from_seed(bytes_of(std::string(32, 'q')));
    const auto envelope = world.registration(0, "food-bank");
    for (const auto& bundle :
         {world.bundle(1, {envelope}, {start_ms - 100 * bundle_age_ms_max, "county-1"}),
          world.bundle(1, {envelope}, {start_ms + 100 * bundle_age_ms_max, "county-1"}),
          world.bundle_of(stranger, {envelope}, {}),
          world.bundle(1, {world.registration_by_stranger("advice")})}) {
        CHECK(node.accepts(3, {bundle}));
        CHECK(behind.accepts(3, {bundle}));
    }
    const auto ordered = world.bundle(1, {envelope});
    chain.play(node, {ordered});
    CHECK(node.accepts(4, {ordered}));
}

TEST_CASE("whatever an honest node proposes every other accepts", "[node][cometbft][property]") {
    const NetworkWorld world;
    NetworkNode proposer{world, 0};
    NetworkNode other{world, 1};
    PlayedChain chain{world};
    begin(chain, proposer);
    std::uint64_t dice = 12345;
    const auto roll = [&dice](std::uint64_t sides) {
        dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
        return (dice >> 33) % sides;
    };
    for (int round = 0; round < 60; ++round) {
        std::vector<std::string> mempool;
        for (std::uint64_t i = roll(6); i > 0; --i) {
            std::vector<std::string> envelopes;
            for (std::uint64_t k = roll(4); k > 0; --k) {
                auto envelope = world.registration(
                    roll(4), "group-" + std::to_string(round) + "-" + std::to_string(k));
                if (roll(5) == 0) envelope = world.forged(envelope);
                if (roll(9) == 0) envelope = "nonsense";
                if (roll(7) == 0) envelope = world.registration_by_stranger("someone");
                envelopes.push_back(std::move(envelope));
            }
            auto bundle = world.bundle(
                roll(4), envelopes,
                {start_ms + roll(100000), roll(8) == 0 ? std::string{"county-2"} : "county-1"});
            if (roll(8) == 0) bundle[roll(bundle.size())] ^= 4;
            mempool.push_back(bundle);
            if (roll(6) == 0) mempool.push_back(bundle);
        }
        const auto proposed = proposer.propose(chain.height() + 1, mempool,
                                               static_cast<std::int64_t>(roll(2) ? 4000000 : 2000));
        INFO("round " << round);
        CHECK(other.accepts(chain.height() + 1, proposed));
        CHECK(proposer.accepts(chain.height() + 1, proposed));
        if (roll(3) == 0) chain.play(proposer, proposed);
    }
}

TEST_CASE("after a long silence an empty block goes first, once", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    const auto bundle = world.bundle(1, {});
    CHECK(node.propose(1, {bundle}).empty());  // its time is the genesis'
    chain.play(node);
    CHECK(node.propose(2, {bundle}) == std::vector{bundle});
    for (int weekend = 0; weekend < 2; ++weekend) {
        node.steady_ms += ApplicationOptions{}.stale_ms;
        CHECK(node.propose(chain.height() + 1, {bundle}).size() == 1);
        node.steady_ms += 1;
        const auto after = world.bundle(1, {});
        CHECK(node.check_tx(after) == 0);
        CHECK(node.propose(chain.height() + 1, {after}).empty());
        chain.play(node);
        CHECK(node.propose(chain.height() + 1, {after}) == std::vector{after});
        // Slow blocks are no silence of the ledger: after the empty one things go on.
        node.steady_ms += 60000;
        CHECK(node.propose(chain.height() + 1, {after}) == std::vector{after});
        chain.play(node, {after});
    }
    node.restart();
    CHECK(node.propose(chain.height() + 1, {world.bundle(1, {})}).empty());  // who knows how long
}

TEST_CASE("each signature is verified once however often a bundle is shown", "[node][cometbft]") {
    const NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    begin(chain, node);
    const auto bundle =
        world.bundle(1, {world.registration(0, "food-bank"), world.registration(0, "advice")});
    CHECK(node.check_tx(bundle) == 0);
    node.checker().work();
    CHECK(node.checker().checked() == 2);
    CHECK(node.propose(3, {bundle}).size() == 1);
    CHECK(node.accepts(3, {bundle}));
    CHECK(node.accepts(3, {bundle}));
    chain.play(node, {bundle});
    CHECK(node.checker().checked() == 2);
    CHECK(node.pool().size() == 0);
}

}  // namespace tallystick::node::test
