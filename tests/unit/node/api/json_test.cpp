#include "node/api/json.hpp"

#include "unit/catch.hpp"

namespace tallystick::node::api {

TEST_CASE("a body of nothing but keys costs what its size says, not its square", "[node][api]") {
    // As many as 4 MiB hold. With a search for each key among those before it this takes the better
    // part of an hour, and the test's time limit ends it.
    std::string body = "{";
    for (int key = 0; key < 400'000; ++key) body += "\"" + std::to_string(key) + "\":0,";
    body.back() = '}';
    const auto parsed = parse_json(body);
    REQUIRE(parsed);
    CHECK(parsed->size() == 400'000);
}

}  // namespace tallystick::node::api
