#include "node/api/limits.hpp"

#include "unit/catch.hpp"

using namespace tallystick::node::api;

TEST_CASE("connections are bounded in total and per address, and places come back", "[api]") {
    ConnectionLimits limits{{3, 2}};
    CHECK(limits.take("a"));
    CHECK(limits.take("a"));
    CHECK_FALSE(limits.take("a"));
    CHECK(limits.take("b"));
    CHECK_FALSE(limits.take("c"));
    CHECK(limits.total() == 3);
    limits.give_back("a");
    CHECK(limits.take("c"));
    CHECK_FALSE(limits.take("a"));
}

TEST_CASE("an address has its burst, then its rate", "[api]") {
    RateLimit rate{{10, 3}};
    const RateLimit::Instant start{};
    for (int i = 0; i < 3; ++i) CHECK(rate.take("a", start));
    CHECK_FALSE(rate.take("a", start));
    CHECK(rate.take("b", start));
    CHECK_FALSE(rate.take("a", start + std::chrono::milliseconds{90}));
    CHECK(rate.take("a", start + std::chrono::milliseconds{200}));
    const auto later = start + std::chrono::hours{1};
    for (int i = 0; i < 3; ++i) CHECK(rate.take("a", later));
    CHECK_FALSE(rate.take("a", later));
}

TEST_CASE("without a rate there is no limit", "[api]") {
    RateLimit rate{{0, 1}};
    for (int i = 0; i < 100; ++i) CHECK(rate.take("a", {}));
}

TEST_CASE("a flood from everywhere costs bounded memory, and those who wait are heard", "[api]") {
    RateLimit rate{{1, 2}};
    const RateLimit::Instant start{};
    for (std::size_t i = 0; i < RateLimit::addresses_max; ++i)
        CHECK(rate.take(std::to_string(i), start));
    CHECK(rate.take("x", start));  // all others are known and not full: newcomers share a bucket
    CHECK(rate.take("y", start));
    CHECK_FALSE(rate.take("z", start));
    CHECK(rate.take("z", start + std::chrono::seconds{10}));
}

TEST_CASE("an IPv6 address counts as its network, a mapped one as its IPv4 address", "[api]") {
    CHECK(counted_as("192.0.2.7") == "192.0.2.7");
    CHECK(counted_as("::ffff:192.0.2.7") == "192.0.2.7");
    CHECK(counted_as("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
    CHECK(counted_as("2001:db8:1:2::1") == "2001:db8:1:2::/64");
}
