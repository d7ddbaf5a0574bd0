#include "node/engine/cometbft/bundler.hpp"

#include <algorithm>

#include "node/engine/bundle.hpp"
#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/network_world.hpp"

namespace tallystick::node::test {
namespace {

/// An engine that keeps what it is given until the test orders it.
class KeepingEngine final : public EngineClient {
  public:
    Result<void, SubmitFault> submit_bundle(const std::string& bundle) override {
        ++submitted;
        if (fault) return Failure{*fault};
        if (std::ranges::find(mempool, bundle) == mempool.end()) mempool.push_back(bundle);
        return {};
    }
    Result<SignedHeader, std::string> signed_header(std::uint64_t) override {
        return Failure{std::string{"none"}};
    }
    Result<EngineStatus, std::string> status() override { return EngineStatus{}; }

    std::vector<std::string> mempool;
    std::size_t submitted = 0;
    std::optional<SubmitFault> fault;
};

/// A bundler in virtual time, its node's application, and an engine that a test plays.
struct Bundling {
    NetworkWorld world;
    NetworkNode node;
    PlayedChain chain{world};
    KeepingEngine engine;
    bool more_is_coming = false;
    std::vector<Answer> answers;
    std::size_t wakes = 0;
    std::size_t named = 0;
    std::unique_ptr<Bundler> bundler;

    explicit Bundling(std::size_t index = 0, std::size_t authorities = 4)
        : world(authorities), node(world, index) {
        chain.play(node);
        chain.play(node);
        make(world.node_key(index));
    }
    void make(const SigningKey& key) {
        bundler = std::make_unique<Bundler>(
            Bundler::Parts{key, "county-1", engine, node.pool(), node.publisher(),
                           node.application(), [this] { return more_is_coming; },
                           [this](Job& job, Answer answer) {
                               job.batch->answer(job.place, std::move(answer));
                           },
                           node.clocks(), [this] { ++wakes; }},
            BundlerOptions{});
        node.on_committed = [this](const CommittedBlock& block) { bundler->committed(block); };
        node.own_bundles = [this] { return bundler->propose(); };
    }

    [[nodiscard]] Job job(const std::string& bytes) {
        Job made;
        made.batch = std::make_shared<Batch>(
            1, [this](std::vector<Answer> given) { answers.push_back(std::move(given.front())); });
        made.size_bytes = bytes.size();
        auto decoded = decode_envelope(bytes);
        REQUIRE(decoded);
        made.envelope = std::make_shared<const DecodedEnvelope>(std::move(*decoded));
        return made;
    }
    void offer(const std::vector<std::string>& envelopes) {
        std::vector<Job> jobs;
        for (const auto& envelope : envelopes) jobs.push_back(job(envelope));
        bundler->offer(std::move(jobs));
    }
    /// Orders everything that the engine has.
    void order() {
        chain.play(node, std::exchange(engine.mempool, {}));
        pass(1);
    }
    /// It is this node's turn: what it proposes.
    [[nodiscard]] std::vector<std::string> propose() {
        return node.propose(chain.height() + 1, engine.mempool);
    }
    /// So many envelopes of which no two are alike.
    [[nodiscard]] std::vector<std::string> many(std::size_t count) {
        std::vector<std::string> made;
        for (; made.size() < count; ++named)
            made.push_back(world.registration(0, "many-" + std::to_string(named)));
        return made;
    }
    /// A block of another node's, after which one more follows by itself.
    void order_anothers() { chain.play(node, {world.bundle(1, many(1))}); }
    /// Lets time go by, polling whenever the bundler wants it.
    void pass(std::uint64_t ms) {
        const auto until = node.steady_ms + ms;
        for (;;) {
            const auto wait = std::min(bundler->poll(), until - node.steady_ms);
            node.steady_ms += wait;
            node.wall_ms += wait;
            if (node.steady_ms == until) break;
        }
        static_cast<void>(bundler->poll());
    }
    [[nodiscard]] std::size_t in_bundle(std::size_t place) const {
        const auto view = parse_bundle(engine.mempool.at(place));
        REQUIRE(view);
        return view->envelopes.size();
    }
};

}  // namespace

TEST_CASE("an envelope that comes alone is sent at once and answered with its block",
          "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration(0, "food-bank")});
    CHECK(it.wakes == 1);
    static_cast<void>(it.bundler->poll());
    REQUIRE(it.engine.mempool.size() == 1);
    CHECK(it.node.check_tx(it.engine.mempool[0]) == 0);
    CHECK(it.answers.empty());
    it.order();
    REQUIRE(it.answers.size() == 1);
    CHECK(it.answers[0].status == AnswerStatus::done);
    CHECK(it.answers[0].first);
    CHECK(it.answers[0].logged->entry.height() == 3);
    CHECK(it.bundler->waiting_envelopes() == 0);
    CHECK(it.bundler->outstanding_bundles() == 0);
    CHECK(it.node.checker().checked() == 0);  // its own envelopes are verified already
}

TEST_CASE("envelopes in verification are waited for, but not for long", "[node][cometbft]") {
    Bundling it;
    it.more_is_coming = true;
    it.offer({it.world.registration(0, "aaa")});
    it.pass(2);
    CHECK(it.engine.mempool.empty());
    it.offer({it.world.registration(0, "bbb")});
    it.pass(2);
    REQUIRE(it.engine.mempool.size() == 1);
    CHECK(it.in_bundle(0) == 2);
}

TEST_CASE("while a bundle is under way the next one gathers, until a block comes",
          "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration(0, "aaa")});
    it.pass(1);
    for (int i = 0; i < 20; ++i) {
        it.offer({it.world.registration(0, "group-" + std::to_string(i))});
        it.pass(1);
    }
    CHECK(it.engine.mempool.size() == 1);
    it.order();
    REQUIRE(it.engine.mempool.size() == 1);
    CHECK(it.in_bundle(0) == 20);
    it.offer({it.world.registration(0, "bbb")});
    it.pass(BundlerOptions{}.step);  // a block that is long in coming holds nothing up
    CHECK(it.engine.mempool.size() == 2);
}

TEST_CASE("bundles keep step with blocks, whether these have the one before or not",
          "[node][cometbft]") {
    Bundling it;
    it.offer(it.many(1));
    it.pass(1);
    const auto take_it = GENERATE(true, false);
    for (std::size_t blocks = 1; blocks <= 3; ++blocks) {
        for (int i = 0; i < 8; ++i) {
            it.offer(it.many(1));
            it.pass(10);
        }
        CHECK(it.engine.submitted == blocks);
        if (take_it)
            it.chain.play(it.node, std::exchange(it.engine.mempool, {}));
        else
            it.order_anothers();
        it.pass(1);
        REQUIRE(it.engine.submitted == blocks + 1);
        CHECK(parse_bundle(it.engine.mempool.back())->envelopes.size() == 8);
    }
}

TEST_CASE("a full bundle goes at once, and none is larger than others take", "[node][cometbft]") {
    Bundling it;
    std::vector<std::string> many;
    for (int i = 0; i < 1100; ++i)
        many.push_back(it.world.registration(0, "group-" + std::to_string(i)));
    it.offer(many);
    it.pass(1);
    REQUIRE(it.engine.mempool.size() == 2);
    CHECK(it.in_bundle(0) == bundle_envelopes_max);
    CHECK(it.in_bundle(1) == bundle_envelopes_max);
    for (const auto& bundle : it.engine.mempool) CHECK(bundle.size() <= bundle_bytes_max);
    it.order();
    it.order();
    CHECK(it.answers.size() == 1100);
    CHECK(std::ranges::all_of(it.answers,
                              [](const auto& a) { return a.status == AnswerStatus::done; }));
}

TEST_CASE("what waits when the node's turn comes is proposed, and nobody is sent it",
          "[node][cometbft]") {
    Bundling it;
    it.more_is_coming = true;
    it.offer(it.many(3));
    const auto proposed = it.propose();
    REQUIRE(proposed.size() == 1);
    CHECK(parse_bundle(proposed[0])->envelopes.size() == 3);
    CHECK(it.propose() == proposed);  // in the next round as well
    it.pass(BundlerOptions{}.step);
    CHECK(it.engine.submitted == 0);
    it.chain.play(it.node, proposed);
    it.pass(BundlerOptions{}.turn * 2);
    CHECK(it.answers.size() == 3);
    CHECK(it.engine.submitted == 0);
    CHECK(it.propose().empty());
}

TEST_CASE("a bundle in the mempool is proposed once, and the node's own go first",
          "[node][cometbft]") {
    Bundling it;
    it.offer(it.many(1));
    it.pass(1);
    REQUIRE(it.engine.mempool.size() == 1);
    const auto own = it.engine.mempool[0];
    const auto anothers = it.world.bundle(1, it.many(1));
    it.engine.mempool.insert(it.engine.mempool.begin(), anothers);
    CHECK(it.propose() == std::vector{own, anothers});
}

TEST_CASE("a proposal that became nothing: its bundles are sent to all with the next block",
          "[node][cometbft]") {
    Bundling it;
    it.more_is_coming = true;
    it.offer(it.many(2));
    const auto proposed = it.propose();
    it.order_anothers();
    it.pass(1);
    CHECK(it.engine.mempool == proposed);

    SECTION("or when none comes") {
        it.offer(it.many(2));
        const auto more = it.propose();
        REQUIRE(more.size() == 2);
        it.pass(BundlerOptions{}.turn - 10);
        CHECK(it.engine.mempool == proposed);
        it.pass(10);
        CHECK(it.engine.mempool == more);
    }
}

TEST_CASE("a busy node keeps its bundles until it proposes, while block follows block",
          "[node][cometbft]") {
    Bundling it;
    it.order_anothers();
    it.offer(it.many(bundle_envelopes_max + 100));
    it.pass(BundlerOptions{}.turn / 2);
    CHECK(it.engine.submitted == 0);
    CHECK(it.bundler->outstanding_bundles() == 1);  // the full one is ready

    SECTION("its turn comes") {
        const auto proposed = it.propose();
        REQUIRE(proposed.size() == 2);
        it.chain.play(it.node, proposed);
        it.pass(BundlerOptions{}.turn);
        CHECK(it.answers.size() == bundle_envelopes_max + 100);
        CHECK(it.engine.submitted == 0);
    }
    SECTION("another block with entries: it goes on waiting, but not for ever") {
        it.order_anothers();
        it.pass(1);
        CHECK(it.engine.submitted == 0);
        it.pass(BundlerOptions{}.turn / 2);
        CHECK(it.engine.submitted == 2);
    }
    SECTION("a block without entries, behind which none may come") {
        it.chain.play(it.node);
        it.pass(BundlerOptions{}.step);
        CHECK(it.engine.submitted == 2);
    }
    SECTION("the engine begins anew, with its turn lost") {
        it.bundler->engine_began();
        it.pass(BundlerOptions{}.retry);
        CHECK(it.engine.submitted == 1);
    }
}

TEST_CASE("a node that is not busy sends at once whatever follows", "[node][cometbft]") {
    Bundling it;
    it.order_anothers();
    it.offer(it.many(BundlerOptions{}.busy - 1));
    it.pass(1);
    CHECK(it.engine.submitted == 1);
}

TEST_CASE("no proposal holds more bundles than a node may have under way", "[node][cometbft]") {
    Bundling it;
    it.order_anothers();
    it.offer(it.many(3));
    it.more_is_coming = true;
    for (std::size_t i = 0; i < BundlerOptions{}.outstanding_max + 3; ++i) {
        static_cast<void>(it.bundler->propose());
        it.offer(it.many(1));
    }
    CHECK(it.bundler->propose().size() == BundlerOptions{}.outstanding_max);
}

TEST_CASE("a bundler that stopped proposes nothing", "[node][cometbft]") {
    Bundling it;
    it.more_is_coming = true;
    it.offer(it.many(2));
    it.bundler->stop();
    CHECK(it.bundler->propose().empty());
}

TEST_CASE("the same envelope through two callers is ordered once and both hear of it",
          "[node][cometbft]") {
    Bundling it;
    const auto envelope = it.world.registration(0, "food-bank");
    it.offer({envelope, envelope});
    it.pass(1);
    CHECK(it.in_bundle(0) == 1);
    it.order();
    REQUIRE(it.answers.size() == 2);
    CHECK(it.answers[0].first != it.answers[1].first);
    CHECK(it.answers[0].logged->log_index == it.answers[1].logged->log_index);
}

TEST_CASE("an envelope through two nodes: the caller of the second gets the first outcome",
          "[node][cometbft]") {
    Bundling it;
    const auto envelope = it.world.registration(0, "food-bank");
    SECTION("the other node's bundle came while this one waited") {
        it.offer({envelope});
        it.pass(1);
        it.chain.play(it.node, {it.world.bundle(1, {envelope})});
        REQUIRE(it.answers.size() == 1);
        CHECK(it.answers[0].status == AnswerStatus::done);
        CHECK_FALSE(it.answers[0].first);
        it.order();  // its own bundle does nothing any more
        CHECK(it.answers.size() == 1);
        CHECK(it.bundler->outstanding_bundles() == 0);
    }
    SECTION("the other node's bundle had come before it was offered here") {
        it.chain.play(it.node, {it.world.bundle(1, {envelope})});
        it.offer({envelope});
        it.pass(1);
        it.order();
        REQUIRE(it.answers.size() == 1);
        CHECK(it.answers[0].status == AnswerStatus::done);
        CHECK_FALSE(it.answers[0].first);
        CHECK(it.answers[0].logged->entry.height() == 3);
    }
}

TEST_CASE("what is skipped says why", "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration_by_stranger("food-bank")});
    it.pass(1);
    it.order();
    REQUIRE(it.answers.size() == 1);
    CHECK(it.answers[0].status == AnswerStatus::skipped);
    CHECK(it.answers[0].code == skip_name(Skip::not_authorised));
}

TEST_CASE("a bundle that was lost is handed in again as it was", "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration(0, "food-bank")});
    it.pass(1);
    const auto lost = std::exchange(it.engine.mempool, {});
    SECTION("after a while") {
        it.pass(BundlerOptions{}.resend - 10);
        CHECK(it.engine.mempool.empty());
        it.pass(20);
        CHECK(it.engine.mempool == lost);
    }
    SECTION("as soon as there is a new process of the engine") {
        it.bundler->engine_began();
        it.pass(BundlerOptions{}.retry + 1);
        CHECK(it.engine.mempool == lost);
    }
    SECTION("when the engine answers again") {
        it.bundler->engine_began();
        it.engine.fault = SubmitFault::unreachable;
        it.pass(1000);
        CHECK(it.engine.mempool.empty());
        it.engine.fault.reset();
        it.pass(BundlerOptions{}.retry + 1);
        CHECK(it.engine.mempool == lost);
    }
    it.order();
    REQUIRE(it.answers.size() == 1);
    CHECK(it.answers[0].status == AnswerStatus::done);
}

TEST_CASE("where no block comes a new bundle wakes those whom the first did not reach",
          "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration(0, "food-bank")});
    it.pass(BundlerOptions{}.ring - 10);
    REQUIRE(it.engine.mempool.size() == 1);
    it.pass(20);
    REQUIRE(it.engine.mempool.size() == 2);
    CHECK(it.in_bundle(1) == 0);
    it.pass(2 * BundlerOptions{}.ring);
    CHECK(it.engine.mempool.size() == 3);  // then after twice the time
    it.pass(2 * BundlerOptions{}.ring);
    CHECK(it.engine.mempool.size() == 3);
    it.order();
    CHECK(it.answers.size() == 1);
    it.pass(10 * BundlerOptions{}.ring);
    CHECK(it.engine.mempool.empty());
}

TEST_CASE("what the engine refuses or has no room for is tried again, calmly", "[node][cometbft]") {
    Bundling it;
    it.engine.fault = GENERATE(SubmitFault::refused, SubmitFault::full);
    it.offer({it.world.registration(0, "food-bank")});
    it.pass(1000);
    CHECK(it.engine.submitted >= 3);
    CHECK(it.engine.submitted <= 6);
    it.engine.fault.reset();
    it.pass(600);
    it.order();
    REQUIRE(it.answers.size() == 1);
    CHECK(it.answers[0].status == AnswerStatus::done);
}

TEST_CASE("an old bundle is made anew before others find it too old", "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration(0, "food-bank")});
    it.pass(1);
    const auto old = std::exchange(it.engine.mempool, {});
    it.pass(BundlerOptions{}.renew + 2000);
    REQUIRE_FALSE(it.engine.mempool.empty());
    CHECK(it.engine.mempool.back() != old[0]);
    CHECK(it.node.check_tx(it.engine.mempool.back()) == 0);
}

TEST_CASE("without progress callers are told, new ones at once, and a block ends it",
          "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration(0, "food-bank")});
    it.pass(BundlerOptions{}.stalled - 1);
    CHECK(it.bundler->makes_progress());
    CHECK(it.answers.empty());
    it.pass(2000);
    CHECK_FALSE(it.bundler->makes_progress());
    REQUIRE(it.answers.size() == 1);
    CHECK(it.answers[0].status == AnswerStatus::unavailable);
    CHECK(it.answers[0].code == "no_progress");
    it.offer({it.world.registration(0, "advice")});
    REQUIRE(it.answers.size() == 2);
    CHECK(it.answers[1].code == "no_progress");
    CHECK(it.answers[1].id);
    it.pass(BundlerOptions{}.renew * 2);  // made anew or not: it stays stalled
    CHECK_FALSE(it.bundler->makes_progress());
    it.order();  // what was sent is taken all the same, once
    CHECK(it.bundler->makes_progress());
    CHECK(entries_of(it.node.read_side(), 3).size() == 1);
    it.offer({it.world.registration(0, "advice")});
    it.pass(1);
    it.order();
    CHECK(it.answers.back().status == AnswerStatus::done);
}

TEST_CASE("blocks that come without ours are progress of the others", "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration(0, "food-bank")});
    for (int i = 0; i < 5; ++i) {
        it.pass(5000);
        it.chain.play(it.node);
    }
    CHECK(it.bundler->makes_progress());
    CHECK(it.answers.empty());
}

TEST_CASE("a node of no authority takes nothing and says so", "[node][cometbft]") {
    Bundling it;
    const auto stranger = SigningKey::from_seed(bytes_of(std::string(32, 'q')));
    it.make(stranger);
    it.offer({it.world.registration(0, "food-bank")});
    it.pass(1);
    REQUIRE(it.answers.size() == 1);
    CHECK(it.answers[0].code == "observer");
    CHECK(it.engine.mempool.empty());
}

TEST_CASE("a node that is voted out tells those who wait for its next bundle", "[node][cometbft]") {
    Bundling it;
    auto proposing = it.world.body(1);
    auto& removal = *proposing.mutable_propose()->mutable_change()->mutable_remove_authority();
    removal.set_authority(NetworkWorld::handle(0));
    removal.set_successor(NetworkWorld::handle(1));
    const auto proposed = it.world.sign(1, proposing);
    const auto vote = [&](std::size_t voter) {
        auto voting = it.world.body(voter);
        voting.mutable_vote()->set_proposal(decode_envelope(proposed)->id.str());
        voting.mutable_vote()->set_choice(pb::CHOICE_YES);
        return it.world.sign(voter, voting);
    };
    it.chain.play(it.node, {it.world.bundle(1, {proposed})});
    it.offer({it.world.registration(0, "food-bank")});
    it.pass(1);  // in a bundle
    it.offer({it.world.registration(0, "advice")});
    it.chain.play(it.node, {it.world.bundle(2, {vote(2), vote(3)})});
    CHECK(it.answers.empty());
    it.chain.play(it.node);
    REQUIRE_FALSE(it.node.application().is_current_node(it.world.node_key(0).public_key()));
    it.pass(1);
    REQUIRE(it.answers.size() == 1);
    CHECK(it.answers[0].code == "observer");
    // The bundle may be passed over in a block or refused before that.
    it.engine.fault = SubmitFault::refused;
    it.pass(60000);
    REQUIRE(it.answers.size() == 2);
    CHECK(it.answers[1].code == "observer");
    CHECK(it.bundler->waiting_envelopes() == 0);
}

TEST_CASE("whoever stops answers everyone", "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration(0, "food-bank")});
    it.pass(1);
    it.offer({it.world.registration(0, "advice")});
    it.bundler->stop();
    it.offer({it.world.registration(0, "kitchen")});
    REQUIRE(it.answers.size() == 3);
    for (const auto& answer : it.answers) {
        CHECK(answer.status == AnswerStatus::unavailable);
        CHECK(answer.code == "unavailable");
    }
}

TEST_CASE("a ledger that is quiet for a third of the trusting period makes a tick",
          "[node][cometbft]") {
    Bundling it;
    const auto quiet = it.node.application().quiet_ms_max();
    it.node.wall_ms += quiet - 600000;
    it.pass(1);
    CHECK(it.engine.mempool.empty());
    it.node.wall_ms += 700000;
    it.pass(1000);
    REQUIRE(it.engine.mempool.size() == 1);
    CHECK(it.in_bundle(0) == 0);
    it.pass(3 * BundlerOptions{}.tick_pause);  // one is enough, until others seem to have missed it
    CHECK(it.engine.mempool.size() == 1);
}

TEST_CASE("an unordered bundle is no reason for another tick", "[node][cometbft]") {
    Bundling it;
    it.offer({it.world.registration(0, "food-bank")});
    it.pass(1);
    it.node.wall_ms += it.node.application().quiet_ms_max() + 10000000;
    it.pass(2000);
    CHECK(it.engine.mempool.size() == 1);
}

}  // namespace tallystick::node::test
