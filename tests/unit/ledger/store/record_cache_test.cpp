#include "ledger/store/record_cache.hpp"

#include <map>
#include <random>

#include "tallystick/v1/genesis.pb.h"
#include "unit/catch.hpp"

namespace tallystick::ledger::test {
namespace {

ValuePtr value() {
    return std::make_shared<pb::Genesis>();
}

std::string key(int number) {
    return "account/" + std::to_string(number);
}

}  // namespace

TEST_CASE("a cache finds what was put last, and knows what is not there", "[ledger][store]") {
    RecordCache cache{64};
    CHECK_FALSE(cache.find("a"));
    const auto first = value();
    const auto second = value();
    cache.put("a", first);
    CHECK(cache.find("a") == first);
    cache.put("a", second);
    CHECK(cache.find("a") == second);
    cache.put("a", nullptr);
    REQUIRE(cache.find("a"));
    CHECK(*cache.find("a") == nullptr);
    CHECK_FALSE(cache.find("b"));
}

TEST_CASE("what was used longest ago makes room", "[ledger][store]") {
    RecordCache cache{8};
    for (int i = 0; i < 8; ++i) cache.put(key(i), value());
    CHECK(cache.find(key(0)));
    cache.put(key(1), value());
    cache.put(key(8), value());
    CHECK_FALSE(cache.find(key(2)));
    cache.put(key(9), value());
    CHECK_FALSE(cache.find(key(3)));
    for (const int i : {0, 1, 4, 5, 6, 7, 8, 9}) CHECK(cache.find(key(i)));
}

TEST_CASE("a cache gives nothing or the last value, whatever was put in what order",
          "[ledger][store]") {
    std::mt19937 random{GENERATE(1U, 2U, 3U, 4U)};
    RecordCache cache{24};
    std::map<std::string, ValuePtr> last;
    for (int step = 0; step < 5000; ++step) {
        const auto chosen = key(static_cast<int>(random() % 60));
        if (random() % 2 == 0) {
            last[chosen] = value();
            cache.put(chosen, last[chosen]);
            REQUIRE(cache.find(chosen) == last[chosen]);
        } else if (const auto found = cache.find(chosen)) {
            REQUIRE(last.contains(chosen));
            REQUIRE(*found == last[chosen]);
        }
    }
}

}  // namespace tallystick::ledger::test
