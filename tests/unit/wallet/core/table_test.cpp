#include "wallet/core/table.hpp"

#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

TEST_CASE("columns line up by characters, figures at the right", "[wallet][table]") {
    CHECK(table_text({{"name"}, {"credits", true}}, {{"Tŷ", "1.00"}, {"Food Bank", "1,000.00"}}) ==
          "name        credits\n"
          "Tŷ             1.00\n"
          "Food Bank  1,000.00\n");
    CHECK(table_text({{"name"}}, {{"a\x1b[2J"}}) == "name\na\xEF\xBF\xBD[2J\n");
}

TEST_CASE("values of an answer are read, whatever the node sent", "[wallet][table]") {
    const auto json =
        Json::parse(R"({"a":{"b":"x"},"amount":"123456","minus":"-50","time":1803902400,"odd":"12x",
        "list":["p","q"],"contract":{"authority":"suffolk","ocid":"a:b","lot":""}})");
    CHECK(json_text(json, "/a/b") == "x");
    CHECK(json_text(json, "/a/absent").empty());
    CHECK(json_text(json, "/list") == "p, q");
    CHECK(json_credits(json, "/amount") == "1,234.56");
    CHECK(json_credits(json, "/minus") == "-0.50");
    CHECK(json_credits(json, "/odd") == "12x");
    CHECK(json_time(json, "/time") == "2027-03-01T12:00:00Z");
    CHECK(json_time(json, "/amount").empty());
    CHECK(json_contract(json, "/contract") == "suffolk:a:b:");
    CHECK(json_contract(json, "/a").empty());
}
