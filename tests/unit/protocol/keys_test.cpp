#include "protocol/keys.hpp"

#include <set>

#include "unit/catch.hpp"

using namespace tallystick;

namespace {

pb::Claim a_claim() {
    pb::Claim claim;
    claim.mutable_contract()->set_authority("suffolk");
    claim.mutable_contract()->set_ocid("ocds-1");
    claim.mutable_contract()->set_lot("");
    claim.set_supplier("suffolk/north-build");
    return claim;
}

pb::Identifier an_identifier() {
    pb::Identifier identifier;
    identifier.set_scheme("GB-CHC");
    identifier.set_id("1234567");
    return identifier;
}

std::vector<std::string> one_of_each() {
    const auto claim = a_claim();
    const auto& contract = claim.contract();
    const std::string id(32, 'i');
    return {parameters_key().bytes,
            account_key("suffolk").bytes,
            identifier_key(an_identifier()).bytes,
            public_key_key(id).bytes,
            authority_node_key("suffolk").bytes,
            contract_key(contract).bytes,
            contract_totals_key(contract).bytes,
            claim_totals_key(claim).bytes,
            participant_key(contract, "suffolk/food-bank").bytes,
            accreditation_key(contract, "suffolk/food-bank").bytes,
            need_key(id).bytes,
            bid_key(claim).bytes,
            revealed_line_key(claim, 1).bytes,
            award_key(id).bytes,
            awarded_line_key(id, 1).bytes,
            balance_key("suffolk/food-bank", claim).bytes,
            promise_key(claim, "bid-writing").bytes,
            redemption_key(id).bytes,
            redemption_line_key(id, 258).bytes,
            evidence_key(id).bytes};
}

}  // namespace

TEST_CASE("a key is its kind, then each part behind its length", "[keys]") {
    CHECK(parameters_key().bytes == "\x01");
    CHECK(account_key("abc").bytes == std::string("\x02\x00\x03"
                                                  "abc",
                                                  6));
    const auto key = redemption_line_key(std::string(32, 'r'), 258).bytes;
    CHECK(key == std::string("\x17\x00\x20", 3) + std::string(32, 'r') +
                     std::string("\x00\x04\x00\x00\x01\x02", 6));
    const auto contract = contract_key(a_claim().contract()).bytes;
    CHECK(contract == std::string("\x0a\x00\x07suffolk\x00\x06ocds-1\x00\x00", 20));
}

TEST_CASE("every kind of key is taken apart into what made it", "[keys]") {
    std::set<Kind> kinds;
    for (const auto& key : one_of_each()) {
        const auto parsed = parse_key(key);
        REQUIRE(parsed);
        kinds.insert(parsed->kind);
        std::string again(1, static_cast<char>(parsed->kind));
        for (const auto& part : parsed->parts) {
            again += static_cast<char>(part.size() >> 8);
            again += static_cast<char>(part.size() & 0xff);
            again += part;
        }
        CHECK(again == key);
    }
    CHECK(kinds.size() == 20);
}

TEST_CASE("what is not a listed kind with its parts is no key", "[keys]") {
    CHECK_FALSE(parse_key(""));
    CHECK_FALSE(parse_key(std::string(1, '\0')));
    for (const auto& key : one_of_each()) {
        CHECK_FALSE(parse_key(key + std::string("\0\0", 2)));  // a part too many
        CHECK_FALSE(parse_key(key + "x"));
        if (key.size() > 1) {
            CHECK_FALSE(parse_key(std::string_view{key}.substr(0, key.size() - 1)));
            CHECK_FALSE(parse_key(std::string_view{key}.substr(0, 1)));
        }
    }
    for (int kind = 0; kind < 256; ++kind) {
        const bool listed = kind >= 1 && kind <= 25;
        auto key = account_key("abc").bytes;
        key[0] = static_cast<char>(kind);
        if (!listed) CHECK_FALSE(parse_key(key));
    }
}

TEST_CASE("numbers and contracts are read back from their parts", "[keys]") {
    const auto line = parse_key(redemption_line_key(std::string(32, 'r'), 0xfedcba98).bytes);
    REQUIRE(line);
    CHECK(number_of_part(line->parts[1]) == 0xfedcba98);
    const auto balance = parse_key(balance_key("suffolk/food-bank", a_claim()).bytes);
    REQUIRE(balance);
    const auto contract = contract_of_parts(*balance, 1);
    CHECK(contract.authority() == "suffolk");
    CHECK(contract.ocid() == "ocds-1");
    CHECK(contract.lot().empty());
}
