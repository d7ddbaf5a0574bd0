#include "wallet/core/profiles.hpp"

#include "unit/catch.hpp"

using namespace tallystick::wallet;

TEST_CASE("profiles are written and read back", "[wallet][profiles]") {
    Profiles profiles;
    profiles.current = "food-bank";
    profiles.by_name["food-bank"] = {"http://127.0.0.1:7710", "suffolk/food-bank", "my-key",
                                     "/tmp/a \"quoted\" \\ path.json", std::string(64, 'a')};
    profiles.by_name["looker"] = {"https://ledger.example.org", "", "", "", ""};
    profiles.by_name["looker"].nodes = {"https://other.example", "https://third.example"};
    const auto read = parse_profiles(profiles_text(profiles));
    REQUIRE(read);
    CHECK(read->current == "food-bank");
    REQUIRE(read->by_name.size() == 2);
    CHECK(read->by_name.at("food-bank").trust == "/tmp/a \"quoted\" \\ path.json");
    CHECK(read->by_name.at("looker").account.empty());
    CHECK(read->by_name.at("looker").nodes == profiles.by_name["looker"].nodes);
    CHECK(read->by_name.at("food-bank").nodes.empty());
}

TEST_CASE("unknown settings and other kinds of values are refused with their line",
          "[wallet][profiles]") {
    for (const auto* bad : {"colour = \"red\"", "[profile.a]\nnod = \"x\"", "[profile.a]\nnode = 3",
                            "[profile.a]\nnodes = \"x\"", "[profile.a]\nnodes = [3]", "current = 1",
                            "[profile.\"A B\"]\nnode = \"x\"", "not toml at all ["}) {
        INFO(bad);
        const auto read = parse_profiles(bad);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == "bad_config");
        CHECK(read.error().message.find("line ") != std::string::npos);
    }
    CHECK(parse_profiles("")->by_name.empty());
}
