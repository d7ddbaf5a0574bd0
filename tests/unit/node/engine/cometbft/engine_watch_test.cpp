#include "node/engine/cometbft/engine_watch.hpp"

#include "node/engine/cometbft/engine_log.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::node;

namespace {

/// Answers as a test says.
struct Engine {
    Result<EngineStatus, std::string> status = EngineStatus{10, false, 0};
    std::vector<EnginePeer> peers{{"aa", "tallystick-1", "10.0.0.1"}};
    std::vector<std::uint64_t> heights{10};
    std::vector<EngineValidator> validators{{"aa", 1}, {"us", 1}};
    EngineMempool mempool{3, 300};

    EngineWatchOptions options() {
        EngineWatchOptions options;
        options.questions.status = [this] { return status; };
        options.questions.peers = [this] {
            return Result<std::vector<EnginePeer>, std::string>{peers};
        };
        options.questions.peer_heights = [this] {
            return Result<std::vector<std::uint64_t>, std::string>{heights};
        };
        options.questions.mempool = [this] { return Result<EngineMempool, std::string>{mempool}; };
        options.questions.validators = [this] {
            return Result<std::vector<EngineValidator>, std::string>{validators};
        };
        options.moniker = "tallystick-1";
        options.own_id = "us";
        return options;
    }
};

}  // namespace

TEST_CASE("fewer than a third of the peers cannot make the head later than it is", "[engine]") {
    CHECK(head_of_network({}) == 0);
    CHECK(head_of_network({5}) == 5);
    CHECK(head_of_network({5, 9}) == 9);
    CHECK(head_of_network({5, 1000000, 6}) == 6);
    CHECK(head_of_network({1000000, 1000000, 7, 6, 5, 7}) == 7);
}

TEST_CASE("an engine with its peers at the head is ready", "[engine]") {
    Engine engine;
    EngineWatch watch{engine.options()};
    CHECK(watch.not_ready() == std::vector<std::string>{"The engine is starting."});
    watch.ask();
    CHECK(watch.not_ready().empty());
    CHECK(watch.health().peers == 1);
    CHECK(watch.health().mempool.transactions == 3);
    CHECK(blocks_behind(watch.health()) == 0);
}

TEST_CASE("readiness names what is wrong with the engine", "[engine]") {
    Engine engine;
    EngineWatch watch{engine.options()};
    SECTION("it does not answer any more") {
        watch.ask();
        engine.status = Failure{std::string{"connection refused"}};
        watch.ask();
        CHECK(watch.not_ready() == std::vector<std::string>{"The engine does not answer."});
    }
    SECTION("it has no peers") {
        engine.peers.clear();
        engine.heights.clear();
        watch.ask();
        REQUIRE(watch.not_ready().size() == 2);
        CHECK(watch.not_ready()[0].find("The node has no peers") == 0);
    }
    SECTION("too few of the validators are connected") {
        engine.validators = {{"aa", 1}, {"us", 1}, {"cc", 1}};
        watch.ask();
        CHECK(
            watch.not_ready() ==
            std::vector<std::string>{
                "Too few of the authorities' nodes are connected: they have 66 % of the votes, and "
                "more than two thirds are needed for a block. Missing: cc."});
        engine.validators[0].power = 5;
        watch.ask();
        CHECK(watch.not_ready().empty());
    }
    SECTION("behind a sentry nobody can tell who is connected") {
        engine.validators = {{"xx", 1}, {"us", 1}, {"cc", 1}};
        watch.ask();
        CHECK(watch.not_ready().empty());
    }
    SECTION("nor can an observer, which may know one node of many") {
        engine.validators = {{"aa", 1}, {"bb", 1}, {"cc", 1}};
        watch.ask();
        CHECK(watch.not_ready().empty());
    }
    SECTION("it is behind") {
        engine.heights = {16};
        watch.ask();
        CHECK(watch.not_ready() ==
              std::vector<std::string>{"The node is 6 blocks behind the head and catches up."});
        engine.heights = {15};  // a block or two are always on their way
        watch.ask();
        CHECK(watch.not_ready().empty());
        engine.status = EngineStatus{10, true, 0};
        watch.ask();
        CHECK(watch.not_ready().size() == 1);
    }
    SECTION("a peer serves another ledger") {
        engine.peers.push_back({"bb", "tallystick-2", "10.0.0.2"});
        watch.ask();
        REQUIRE(watch.not_ready().size() == 1);
        CHECK(watch.not_ready()[0].find("The peer bb at 10.0.0.2 serves another ledger") == 0);
        // With most of them on its own ledger, the stranger is the one who got it wrong.
        engine.peers.push_back({"cc", "tallystick-1", "10.0.0.3"});
        watch.ask();
        CHECK(watch.not_ready().empty());
        CHECK(watch.health().strangers.size() == 1);
    }
}

TEST_CASE("a network of one needs no peers", "[engine]") {
    Engine engine;
    engine.peers.clear();
    engine.heights.clear();
    engine.validators = {{"us", 1}};
    auto options = engine.options();
    options.expects_peers = false;
    EngineWatch watch{std::move(options)};
    watch.ask();
    CHECK(watch.not_ready().empty());
}

TEST_CASE("a peer that stays away is sought again now and then", "[engine]") {
    Engine engine;
    std::vector<std::string> dialled;
    auto options = engine.options();
    options.peers = {"aa@10.0.0.1:1", "bb@10.0.0.2:1"};
    options.dial_after = 3;
    options.questions.dial = [&](const auto& peers) {
        dialled.insert(dialled.end(), peers.begin(), peers.end());
    };
    EngineWatch watch{std::move(options)};
    watch.ask();
    watch.ask();
    CHECK(dialled.empty());  // the engine itself tries first
    watch.ask();
    CHECK(dialled == std::vector<std::string>{"bb@10.0.0.2:1"});
    watch.ask();
    watch.ask();
    engine.peers.push_back({"bb", "tallystick-1", "10.0.0.2"});
    for (int i = 0; i < 5; ++i) watch.ask();
    CHECK(dialled.size() == 1);
}

TEST_CASE("the engine's log is told as ours", "[engine]") {
    const auto told = engine_event(
        R"({"_msg":"Error on broadcast","level":"error","module":"consensus","err":"x","height":7})");
    CHECK(told.level == LogLevel::error);
    using Facts = std::vector<std::pair<std::string, std::string>>;
    CHECK(told.facts == Facts{{"message", "Error on broadcast"},
                              {"module", "consensus"},
                              {"err", "x"},
                              {"height", "7"}});
    // A peer that cannot be reached is not our error; what the engine does is for those who debug.
    CHECK(engine_event(R"({"_msg":"dial","level":"error","module":"p2p"})").level ==
          LogLevel::warning);
    CHECK(engine_event(R"({"_msg":"x","level":"info"})").level == LogLevel::debug);
    CHECK(engine_event(R"({"_msg":"x","level":"debug"})").level == LogLevel::debug);
    const auto panic = engine_event("panic: out of luck");
    CHECK(panic.level == LogLevel::warning);
    CHECK(panic.facts == Facts{{"message", "panic: out of luck"}});
    CHECK(engine_event(std::string(5000, 'x')).facts[0].second.size() == 1024);
}

TEST_CASE("what the engine says over and over is told a few times, with how much is missing",
          "[engine]") {
    RepeatedMessages repeated;
    const RepeatedMessages::Clock::time_point start;
    for (unsigned i = 0; i < RepeatedMessages::told_max; ++i)
        CHECK(repeated.tell("a", start) == std::uint64_t{0});
    CHECK_FALSE(repeated.tell("a", start));
    CHECK_FALSE(repeated.tell("a", start));
    CHECK(repeated.tell("b", start) == std::uint64_t{0});
    CHECK(repeated.tell("a", start + RepeatedMessages::window) == std::uint64_t{2});
    CHECK(repeated.tell("a", start + RepeatedMessages::window) == std::uint64_t{0});
}

TEST_CASE("an engine that will never vote again says so", "[engine]") {
    CHECK(says_consensus_failed(
        R"({"_msg":"CONSENSUS FAILURE!!!","err":"x","level":"error","module":"consensus"})"));
    CHECK_FALSE(says_consensus_failed(R"({"_msg":"dial","err":"CONSENSUS FAILURE"})"));
}

TEST_CASE("a line that could hold a key is not told", "[engine]") {
    for (const auto* line :
         {R"({"_msg":"cannot read","err":"{\"priv_key\":\"AAAA\"}","level":"error"})",
          "tendermint/PrivKeyEd25519 AAAA", "private AAAA"}) {
        const auto told = engine_event(line);
        REQUIRE(told.facts.size() == 1);
        CHECK(told.facts[0].second.find("AAAA") == std::string::npos);
    }
}
