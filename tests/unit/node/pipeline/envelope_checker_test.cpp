#include "node/pipeline/envelope_checker.hpp"

#include <atomic>
#include <future>

#include "node/pipeline/verifier.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/network_world.hpp"

namespace tallystick::node::test {
namespace {

Verifier verifier_of(const NetworkWorld& world, std::vector<Job>& sunk) {
    VerifierOptions options;
    options.threads = 2;
    return Verifier{options, world.ledger_id(),
                    [] { return [](const DecodedEnvelope&) { return std::optional<Answer>{}; }; },
                    [&sunk](std::vector<Job> jobs) {
                        for (auto& job : jobs) sunk.push_back(std::move(job));
                    }};
}

}  // namespace

TEST_CASE("an envelope of another node's bundle is verified once, and never believed unverified",
          "[node][pipeline]") {
    const NetworkWorld world;
    std::vector<Job> sunk;
    auto verifier = verifier_of(world, sunk);
    const auto envelope = world.registration(0, "food-bank");
    const auto first = verifier.check(envelope);
    REQUIRE(first);
    CHECK((*first)->bytes == envelope);
    CHECK(verifier.counters().signatures == 1);
    CHECK(verifier.check(envelope));
    CHECK(verifier.counters().signatures == 1);
    CHECK_FALSE(verifier.check(world.forged(envelope)));
    CHECK_FALSE(verifier.check(world.forged(envelope)));
    CHECK(verifier.counters().signatures == 3);  // what is false is not remembered as anything
    CHECK_FALSE(verifier.check("nonsense"));
    auto body = world.registration_body(0, "x-y-z");
    body.mutable_register_()->clear_roles();
    CHECK_FALSE(verifier.check(world.sign(0, body)));
}

TEST_CASE("work for later is done by the threads, and dropped when they go", "[node][pipeline]") {
    const NetworkWorld world;
    std::vector<Job> sunk;
    std::promise<void> done;
    std::atomic<int> count{0};
    {
        auto verifier = verifier_of(world, sunk);
        for (int i = 0; i < 10; ++i)
            verifier.later([&] {
                if (++count == 10) done.set_value();
            });
        CHECK(done.get_future().wait_for(std::chrono::seconds{10}) == std::future_status::ready);
        std::atomic<std::size_t> parts{0};
        verifier.spread(50, [&](std::size_t part) { parts += part; });
        CHECK(parts == 49 * 50 / 2);
    }
    CHECK(count == 10);
}

}  // namespace tallystick::node::test
