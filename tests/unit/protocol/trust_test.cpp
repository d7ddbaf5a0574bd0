#include "protocol/trust.hpp"

#include <nlohmann/json.hpp>

#include "unit/catch.hpp"
#include "unit/protocol/signed_chain.hpp"

using namespace tallystick;
using namespace tallystick::test;
using Json = nlohmann::ordered_json;

namespace {

Json good() {
    static const SmallLedger ledger;
    return Json::parse(serialise_trust(ledger.trust));
}

/// The sentence with which a file is refused; fails the test if it is not.
std::string refused(const std::string& text) {
    const auto trust = parse_trust(text);
    REQUIRE_FALSE(trust);
    CHECK(trust.error().sentence.ends_with("."));
    return trust.error().sentence;
}

template <class Change>
std::string refused_after(Change change) {
    auto json = good();
    change(json);
    return refused(json.dump());
}

bool names(const std::string& sentence, std::string_view what) {
    INFO(sentence);
    return sentence.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("a trust file is read back as it was written", "[trust]") {
    const SmallLedger ledger;
    const auto text = serialise_trust(ledger.trust);
    const auto read = parse_trust(text);
    REQUIRE(read);
    CHECK(*read == ledger.trust);
    CHECK(serialise_trust(*read) == text);
    const auto* segment = segment_of(*read, "suffolk-1");
    REQUIRE(segment != nullptr);
    CHECK(segment_of(*read, "suffolk-2") == nullptr);
    CHECK(validators_of(*set_at(*segment, 99)).SerializeAsString() ==
          ledger.set.SerializeAsString());
    CHECK(authority_of(*read, key_of(2).public_key().text()) == "norwich");
    CHECK(authority_of(*read, key_of(7).public_key().text()).empty());
}

TEST_CASE("a trust file with anything unknown, missing or twice is refused", "[trust]") {
    CHECK(names(refused("{"), "not JSON"));
    CHECK(names(refused(std::string(200000, '[')), "not JSON"));
    CHECK(names(refused(std::string(trust_file_bytes_max + 1, ' ')), "larger"));
    CHECK(names(refused("[]"), "object"));
    CHECK(names(refused_after([](Json& json) { json["extra"] = 1; }), "not known"));
    CHECK(names(refused_after([](Json& json) { json.erase("name"); }), "lacks \"name\""));
    CHECK(names(refused_after([](Json& json) { json["segments"][0]["trusted"]["x"] = 1; }),
                "segments[0].trusted"));
    auto twice = good().dump();
    twice.insert(1, "\"name\":\"other\",");
    CHECK(names(refused(twice), "twice"));
}

TEST_CASE("a trust file with a value out of bounds is refused, saying where", "[trust]") {
    using Change = void (*)(Json&);
    struct Case {
        Change change;
        const char* where;
    };
    const Case cases[] = {
        {[](Json& j) { j["format"] = "tallystick-trust-2"; }, "format"},
        {[](Json& j) { j["ledger_id"] = "00"; }, "ledger_id"},
        {[](Json& j) { j["ledger_id"] = std::string(64, 'A'); }, "lower-case"},
        {[](Json& j) { j["name"] = "a\x1b[2J"; }, "name"},
        {[](Json& j) { j["name"] = 7; }, "name"},
        {[](Json& j) { j["segments"] = Json::array(); }, "segments"},
        {[](Json& j) { j["segments"].push_back(j["segments"][0]); }, "another segment"},
        {[](Json& j) { j["segments"][0]["chain_id"] = ""; }, "chain_id"},
        {[](Json& j) { j["segments"][0]["trusted"]["height"] = 0; }, "height"},
        {[](Json& j) { j["segments"][0]["trusted"]["height"] = -1; }, "height"},
        {[](Json& j) { j["segments"][0]["trusted"]["height"] = 1.0; }, "height"},
        {[](Json& j) { j["segments"][0]["trusted"]["time"] = "2026-02-30T00:00:00Z"; }, "time"},
        {[](Json& j) { j["segments"][0]["trusted"]["header_hash"] = nullptr; }, "header_hash"},
        {[](Json& j) { j["segments"][0]["validator_sets"][0]["last_height"] = 0; }, "last_height"},
        {[](Json& j) {
             j["segments"][0]["validator_sets"].push_back(j["segments"][0]["validator_sets"][0]);
         },
         "after the set before"},
        {[](Json& j) {
             j["segments"].push_back(j["segments"][0]);
             j["segments"][1]["chain_id"] = "suffolk-2";
         },
         "segments[1] must begin after the segment before"},
        {[](Json& j) {
             // The one before has ended, but its trusted header lies behind that.
             j["segments"].push_back(j["segments"][0]);
             j["segments"][1]["chain_id"] = "suffolk-2";
             j["segments"][0]["validator_sets"][0]["last_height"] = 4;
             j["segments"][0]["trusted"]["height"] = 5;
             j["segments"][1]["validator_sets"][0]["first_height"] = 5;
             j["segments"][1]["trusted"]["height"] = 5;
         },
         "segments[1] must begin after the segment before"},
        {[](Json& j) {
             auto& list = j["segments"][0]["validator_sets"][0]["validators"];
             list.push_back(list[0]);
         },
         "twice"},
        {[](Json& j) {
             j["segments"][0]["validator_sets"][0]["validators"][0]["power"] = total_power_max;
         },
         "too much power"},
        {[](Json& j) {
             j["segments"][0]["validator_sets"][0]["validators"][0]["public_key"] =
                 std::string(64, '0');
         },
         "not a key"},
        {[](Json& j) {
             j["segments"][0]["validator_sets"][0]["validators"][0]["authority"] = "a/b";
         },
         "authority"},
        {[](Json& j) { j["trusting_period_seconds"] = 0; }, "trusting_period_seconds"},
        {[](Json& j) { j["trusting_period_seconds"] = "30"; }, "trusting_period_seconds"},
    };
    for (const auto& one : cases) CHECK(names(refused_after(one.change), one.where));
}

TEST_CASE("a trust file with several segments and sets is read back as it was written", "[trust]") {
    const SmallLedger ledger;
    auto trust = ledger.trust;
    auto& old = trust.segments[0];
    old.validator_sets[0].last_height = 4;
    old.validator_sets.push_back({5, 10, old.validator_sets[0].validators});
    auto next = old;
    next.chain_id = "suffolk-2";
    next.trusted.height = 12;
    next.validator_sets = {{11, std::nullopt, old.validator_sets[0].validators}};
    next.validator_sets[0].validators[1].authority.clear();
    trust.segments.push_back(next);
    const auto read = parse_trust(serialise_trust(trust));
    REQUIRE(read);
    CHECK(*read == trust);
    CHECK(end_of(*read, read->segments[0]) == 10);
    CHECK_FALSE(end_of(*read, read->segments[1]));
    // A name that only another set has is found all the same.
    CHECK(authority_of(*read, key_of(2).public_key().text()) == "norwich");
}
