#include "protocol/result.hpp"

#include <memory>
#include <string>

#include "unit/catch.hpp"

using namespace tallystick;

namespace {

Result<std::unique_ptr<int>, std::string> half(int number) {
    if (number % 2 != 0) return Failure{"odd"};
    return std::make_unique<int>(number / 2);
}

Result<void, int> positive(int number) {
    if (number <= 0) return Failure{number};
    return {};
}

}  // namespace

TEST_CASE("a result is a value or the reason why there is none", "[result]") {
    auto good = half(8);
    REQUIRE(good);
    CHECK(good.ok());
    CHECK(**good == 4);
    const auto taken = std::move(good).value();
    CHECK(*taken == 4);

    const auto bad = half(3);
    REQUIRE_FALSE(bad);
    CHECK(bad.error() == "odd");
}

TEST_CASE("a result of nothing says only whether it worked", "[result]") {
    CHECK(positive(1));
    const auto bad = positive(-5);
    REQUIRE_FALSE(bad.ok());
    CHECK(bad.error() == -5);
}

TEST_CASE("value and error may have the same type", "[result]") {
    const Result<int, int> good{3};
    const Result<int, int> bad{Failure{3}};
    CHECK(good.ok());
    CHECK_FALSE(bad.ok());
}
