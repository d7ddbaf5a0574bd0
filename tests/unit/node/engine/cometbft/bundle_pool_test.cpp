#include "node/engine/cometbft/bundle_pool.hpp"

#include <atomic>
#include <thread>

#include "node/engine/cometbft/flood.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/network_world.hpp"

namespace tallystick::node::test {

TEST_CASE("a bundle is taken apart once while it is under way", "[node][cometbft]") {
    const NetworkWorld world;
    CountingChecker checker;
    BundlePool pool{checker};
    const auto bytes =
        world.bundle(0, {world.registration(0, "aaa"), world.registration(0, "bbb")});
    const auto first = pool.take(bytes);
    REQUIRE(first);
    CHECK(pool.take(bytes) == first);
    CHECK(first->verdict() == ReceivedBundle::Verdict::unknown);
    pool.check_now({{first}});
    CHECK(first->verdict() == ReceivedBundle::Verdict::sound);
    CHECK(first->envelopes().size() == 2);
    pool.check_now({{first}});
    CHECK(checker.checked() == 2);
    pool.forget(first->hash());
    CHECK(pool.size() == 0);
    CHECK(pool.take(bytes) != first);
}

TEST_CASE("the pool keeps what it may and takes apart again what it forgot", "[node][cometbft]") {
    const NetworkWorld world;
    CountingChecker checker;
    const auto size = world.bundle(0, {}).size();
    BundlePool pool{checker, size * 3};
    std::vector<std::string> ticks;
    for (int i = 0; i < 10; ++i) {
        ticks.push_back(world.bundle(0, {}));
        REQUIRE(pool.take(ticks.back()));
        CHECK(pool.size() <= 3);
    }
    CHECK(pool.size() >= 2);
    CHECK(pool.take(ticks[0]));
}

TEST_CASE("one bad envelope makes the whole bundle bad, wherever it stands", "[node][cometbft]") {
    const NetworkWorld world;
    const auto bad = GENERATE(0, 17, 39);
    std::vector<std::string> envelopes;
    for (int i = 0; i < 40; ++i)
        envelopes.push_back(world.registration(0, "group-" + std::to_string(i)));
    envelopes[static_cast<std::size_t>(bad)] =
        world.forged(envelopes[static_cast<std::size_t>(bad)]);
    CountingChecker checker;
    BundlePool pool{checker};
    const auto bundle = pool.take(world.bundle(0, envelopes));
    REQUIRE(bundle);
    pool.check_now({{bundle}});
    CHECK(bundle->verdict() == ReceivedBundle::Verdict::unsound);
    CHECK(checker.checked() <= 40);
}

TEST_CASE("many threads check one bundle, each envelope once, and all see the verdict",
          "[node][cometbft]") {
    const NetworkWorld world;
    std::vector<std::string> envelopes;
    for (int i = 0; i < 100; ++i)
        envelopes.push_back(world.registration(0, "group-" + std::to_string(i)));
    class Threads final : public EnvelopeChecker {
      public:
        std::optional<ledger::VerifiedEnvelope> check(std::string_view bytes) override {
            ++checked;
            return inner.check(bytes);
        }
        void spread(std::size_t parts, const std::function<void(std::size_t)>& part) override {
            std::vector<std::thread> threads;
            for (std::size_t i = 0; i < parts; ++i) threads.emplace_back([&part, i] { part(i); });
            for (auto& thread : threads) thread.join();
        }
        void later(std::function<void()> work) override { work(); }
        CountingChecker inner;
        std::atomic<std::size_t> checked{0};
    };
    Threads checker;
    BundlePool pool{checker};
    const auto bundle = pool.take(world.bundle(0, envelopes));
    REQUIRE(bundle);
    pool.check_now({{bundle}});
    CHECK(bundle->verdict() == ReceivedBundle::Verdict::sound);
    CHECK(checker.checked == 100);
}

TEST_CASE("limits of a node: what waits, and how fast it comes", "[node][cometbft]") {
    FloodLimits limits;
    limits.bundles_waiting_max = 2;
    limits.bytes_waiting_max = 1000;
    limits.bundles_per_second = 10;
    limits.bundles_burst = 3;
    limits.bytes_per_second = 500;
    limits.bytes_burst = 1200;
    FloodGuard guard{limits};
    PublicKey one;
    one.bytes[0] = 1;
    PublicKey other;
    std::uint64_t now = 5;
    CHECK_FALSE(guard.excess(one, 1000, now));
    CHECK(guard.excess(one, 1001, now));
    guard.add(one, 400);
    CHECK(guard.excess(one, 601, now));
    guard.add(one, 400);
    CHECK(guard.excess(one, 1, now));  // two wait
    CHECK_FALSE(guard.excess(other, 900, now));
    guard.remove(one, 400);
    CHECK_FALSE(guard.excess(one, 400, now));
    CHECK(guard.excess(one, 401, now));  // 800 of 1,200 bytes are used up
    guard.add(one, 400);
    guard.forget_waiting();
    CHECK(guard.excess(one, 1, now));  // three bundles came in no time
    now += 99;
    CHECK(guard.excess(one, 1, now));
    now += 1;
    CHECK_FALSE(guard.excess(one, 1, now));
    now += 1000000000000ULL;  // long after: full again, and no more than full
    CHECK_FALSE(guard.excess(one, 1000, now));
    for (int i = 0; i < 3; ++i) guard.add(one, 1);
    guard.forget_waiting();
    CHECK(guard.excess(one, 1, now));
}

}  // namespace tallystick::node::test
