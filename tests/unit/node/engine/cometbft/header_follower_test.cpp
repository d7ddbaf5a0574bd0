#include "node/engine/cometbft/header_follower.hpp"

#include "protocol/canonical.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/network_world.hpp"

namespace tallystick::node::test {
namespace {

/// Serves the played chain's headers, as far as it wants.
class ServingEngine final : public EngineClient {
  public:
    explicit ServingEngine(const PlayedChain& chain) : chain_(chain) {}

    Result<void, SubmitFault> submit_bundle(const std::string&) override { return {}; }
    Result<SignedHeader, std::string> signed_header(std::uint64_t height) override {
        ++asked;
        if (silent || height > chain_.height())
            return Failure{"no block " + std::to_string(height)};
        auto served = height == chain_.height() ? chain_.seen(height) : chain_.header(height);
        if (change) change(served);
        return served;
    }
    Result<EngineStatus, std::string> status() override { return EngineStatus{}; }

    std::size_t asked = 0;
    bool silent = false;
    std::function<void(SignedHeader&)> change;

  private:
    const PlayedChain& chain_;
};

struct Following {
    NetworkWorld world;
    NetworkNode node{world, 0};
    PlayedChain chain{world};
    ServingEngine engine{chain};
    HeaderFollower follower{
        {node.store(), node.read_side(), engine, node.application(), node.clocks()}, {}};

    /// Polls until it has nothing to do, time going on as it wishes.
    void settle() {
        for (int i = 0; i < 20; ++i) {
            const auto wait = follower.poll();
            if (wait >= 200) return;
            node.steady_ms += wait;
        }
        FAIL("the follower never rests");
    }
};

}  // namespace

TEST_CASE("headers follow the blocks, and proofs with them", "[node][cometbft]") {
    Following it;
    it.chain.play(it.node);
    it.chain.play(it.node, {it.world.bundle(1, {it.world.registration(0, "food-bank")})});
    CHECK(it.node.read_side().head().provable_height == 0);
    CHECK(it.node.read_side().light_block(1).error() == ReadError::not_provable_yet);
    CHECK(it.follower.poll() == FollowerOptions{}.held_up);  // another must follow
    CHECK(it.node.store().headers_until() == 1);
    it.node.steady_ms += FollowerOptions{}.held_up;
    it.settle();
    CHECK(it.node.store().headers_until() == 2);
    // Header 2 carries the state after block 1; that after block 2 stands in header 3.
    CHECK(it.node.read_side().head().provable_height == 1);
    it.chain.play(it.node);
    it.settle();
    CHECK(it.node.read_side().head().provable_height == 3);  // block 3 changed nothing
    REQUIRE(it.node.read_side().light_block(2));
    CHECK(it.follower.fault() == std::nullopt);
}

TEST_CASE("the commit that was seen first gives way to the one that the chain keeps",
          "[node][cometbft]") {
    Following it;
    it.chain.play(it.node);
    it.settle();
    const auto seen = it.node.read_side().light_block(1);
    REQUIRE(seen);
    CHECK(seen->commit().SerializeAsString() == it.chain.seen(1).commit.SerializeAsString());
    it.chain.play(it.node);
    it.settle();
    const auto kept = it.node.read_side().light_block(1);
    REQUIRE(kept);
    CHECK(kept->commit().SerializeAsString() == it.chain.header(1).commit.SerializeAsString());
    CHECK(it.node.store().headers_until() == 2);
}

TEST_CASE("while blocks come quickly headers are fetched several at once, each once",
          "[node][cometbft]") {
    Following it;
    const auto play = [&] {
        it.chain.play(it.node);
        CHECK(it.follower.poll() > 0);
        it.node.steady_ms += FollowerOptions{}.quiet - 5;
    };
    for (int i = 0; i < 10; ++i) play();
    CHECK(it.engine.asked == 1);
    it.node.steady_ms += FollowerOptions{}.pace;
    play();
    CHECK(it.engine.asked == 10);
    CHECK(it.node.store().headers_until() == 10);
}

TEST_CASE("a node that was behind fetches many, and begins again where it stopped",
          "[node][cometbft]") {
    Following it;
    for (int i = 0; i < 100; ++i) it.chain.play(it.node);
    it.engine.silent = true;
    CHECK(it.follower.poll() >= 200);
    CHECK(it.follower.fault());
    it.engine.silent = false;
    it.settle();
    CHECK(it.node.store().headers_until() == 100);
    CHECK(it.follower.fault() == std::nullopt);
}

TEST_CASE("what does not fit the blocks is not kept, and said", "[node][cometbft]") {
    Following it;
    it.chain.play(it.node);
    it.chain.play(it.node);
    const auto change = GENERATE(0, 1, 2, 3);
    it.engine.change = [change](SignedHeader& served) {
        switch (change) {
            case 0: served.header.set_app_hash(std::string(32, 'x')); break;
            case 1: served.header.set_chain_id("county-2"); break;
            case 2: served.commit.mutable_signatures(1)->set_signature(std::string(64, 's')); break;
            default: served.header.set_height(served.header.height() + 1); break;
        }
    };
    it.node.steady_ms += 1000;
    static_cast<void>(it.follower.poll());
    static_cast<void>(it.follower.poll());
    CHECK(it.node.store().headers_until() == 0);
    REQUIRE(it.follower.fault());
    CHECK(it.follower.fault()->find("does not fit") != std::string::npos);
    it.engine.change = {};
    it.settle();
    CHECK(it.node.store().headers_until() == 2);
    CHECK(it.follower.fault() == std::nullopt);
}

}  // namespace tallystick::node::test
