#include "node/api/target.hpp"

#include "node/api/json.hpp"
#include "unit/catch.hpp"

using namespace tallystick::node::api;

TEST_CASE("percent escapes are decoded once, and broken ones refused", "[api]") {
    CHECK(percent_decode("a%2Fb%25", false) == "a/b%");
    CHECK(percent_decode("a+b", true) == "a b");
    CHECK(percent_decode("a+b", false) == "a+b");
    for (const auto* text : {"%", "%2", "%zz", "a%0", "%00"})
        CHECK_FALSE(percent_decode(text, true));
}

TEST_CASE("a query is a list of names and values, bounded", "[api]") {
    CHECK(parse_query("") == Query{});
    CHECK(parse_query("a=1&&b&c=x=y") == Query{{"a", "1"}, {"b", ""}, {"c", "x=y"}});
    CHECK_FALSE(parse_query("a=%"));
    std::string many;
    for (int i = 0; i < 65; ++i) many += "a=1&";
    CHECK_FALSE(parse_query(many));
}

TEST_CASE("Accept is read for what it takes and for what it names", "[api]") {
    CHECK(media_type(" Application/JSON ; charset=utf-8") == "application/json");
    CHECK(accepts("", content::json));
    CHECK(accepts("text/html, application/*;q=0.5", content::json));
    CHECK(accepts("*/*", content::protobuf));
    CHECK_FALSE(accepts("application/json;q=0", content::json));
    CHECK(names("text/html,application/x-protobuf", content::protobuf));
    CHECK_FALSE(names("*/*", content::protobuf));
    CHECK_FALSE(names("application/x-protobuf;q=0", content::protobuf));
}

TEST_CASE("JSON is bounded in depth before it is built, brackets in strings left out", "[api]") {
    CHECK(parse_json(std::string(16, '[') + std::string(16, ']')));
    const auto deep = parse_json(std::string(17, '[') + std::string(17, ']'));
    REQUIRE_FALSE(deep);
    CHECK(deep.error() == JsonFault::too_deep);
    CHECK(parse_json(R"({"a": "[[[[[[[[[[[[[[[[[[[[[[ \" [[[["})"));
    CHECK(parse_json("{").error() == JsonFault::not_json);
    CHECK(parse_json("\"\xff\"").error() == JsonFault::not_json);
}

TEST_CASE("base 64 has one spelling", "[api]") {
    CHECK(from_base64("") == "");
    CHECK(from_base64("QUI=") == "AB");
    for (const auto* text : {"QUI", "QUJ=", "QUI=\n", " QUI=", "QU I=", "QUI==", "_w=="})
        CHECK_FALSE(from_base64(text));
}
