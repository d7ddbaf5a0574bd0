#include "node/founding.hpp"

#include <nlohmann/json.hpp>

#include "ledger/state_machine.hpp"
#include "node/config/addresses.hpp"
#include "node/network_file.hpp"
#include "protocol/canonical.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::node;

namespace {

SigningKey key_of(std::uint8_t number) {
    const std::array<std::uint8_t, 32> seed{number};
    return SigningKey::from_seed(seed);
}

Founder founder_of(const std::string& handle, std::uint8_t number) {
    Founder founder;
    founder.genesis.set_name("eastern-credits");
    founder.genesis.set_time(1800000000U + number);
    founder.genesis.set_engine(pb::ENGINE_COMETBFT);
    *founder.genesis.mutable_parameters() = ledger::default_parameters();
    auto& authority = *founder.genesis.add_authorities();
    authority.set_handle(handle);
    auto& identifier = *authority.add_identifiers();
    identifier.set_scheme("GB-LAE");
    identifier.set_id(handle);
    auto& name = *authority.add_names();
    name.set_language("en");
    name.set_text(handle);
    auto& policy = *authority.mutable_policy();
    policy.add_keys(key_of(static_cast<std::uint8_t>(100 + number)).public_key().str());
    policy.set_routine_threshold(1);
    policy.set_above_threshold(1);
    policy.set_policy_threshold(1);
    policy.set_amount_limit(Amount::hundredths_max);
    authority.mutable_node()->set_public_key(key_of(number).public_key().str());
    authority.mutable_node()->set_power(1);
    founder.address = "10.0.0." + std::to_string(number) + ":7712";
    return founder;
}

/// As the file would travel.
Founder sent(const std::string& handle, std::uint8_t number) {
    const auto read = read_founder(founder_json(founder_of(handle, number), key_of(number)));
    REQUIRE(read);
    return *read;
}

std::string fault_of(const nlohmann::ordered_json& json) {
    const auto read = read_founder(json.dump());
    REQUIRE_FALSE(read);
    return read.error();
}

}  // namespace

TEST_CASE("a founder file says what its authority wrote", "[founding]") {
    const auto written = founder_of("suffolk", 1);
    const auto read = sent("suffolk", 1);
    CHECK(canonical_bytes(read.genesis) == canonical_bytes(written.genesis));
    CHECK(read.address == written.address);
}

TEST_CASE("the same founder files give the same genesis in any order", "[founding]") {
    const std::vector one{sent("suffolk", 1), sent("essex", 2), sent("norfolk", 3)};
    const std::vector other{one[2], one[0], one[1]};
    const auto genesis = found(one);
    REQUIRE(genesis);
    CHECK(canonical_bytes(*genesis) == canonical_bytes(*found(other)));
    CHECK(genesis->authorities(0).handle() == "essex");
    CHECK(genesis->time() == 1800000003);
    CHECK(genesis->engine() == pb::ENGINE_COMETBFT);
}

TEST_CASE("a founder file that was altered is refused, wherever", "[founding]") {
    const auto text = founder_json(founder_of("suffolk", 1), key_of(1));
    const auto json = nlohmann::ordered_json::parse(text);
    const auto altered = [&](const std::string& pointer, const nlohmann::ordered_json& value) {
        auto copy = json;
        copy[nlohmann::ordered_json::json_pointer{pointer}] = value;
        return fault_of(copy);
    };
    for (const auto& [pointer, value] : std::vector<std::pair<std::string, nlohmann::ordered_json>>{
             {"/ledger", "western-credits"},
             {"/time", 1800000009},
             {"/parameters/reveal_seconds", 5},
             {"/authority/handle", "sussex"},
             {"/authority/identifiers/0/id", "other"},
             {"/authority/names/0/text", "other"},
             {"/authority/policy/keys/0", to_hex(key_of(7).public_key().view())},
             {"/authority/policy/amount_limit", "5"},
             {"/authority/node/power", 2},
             {"/authority/node/public_key", to_hex(key_of(7).public_key().view())},
             {"/address", "10.0.0.9:7712"},
             {"/signature", std::string(128, '0')},
             {"/signature", "00"}})
        CHECK(altered(pointer, value).find("its signature is not its node's") == 0);
    CHECK(altered("/address", "nowhere") == "its address nowhere is not a host and a port.");
    CHECK(altered("/format", "tallystick-founder-2") == "it is no founder file of this version.");
    CHECK(altered("/parameters/nonsense", 1).find("there is no parameter nonsense") !=
          std::string::npos);
    CHECK(altered("/authority/policy/amount_limit", "x").find("amount_limit") != std::string::npos);
    for (const auto& item : json.items()) {
        auto copy = json;
        copy.erase(item.key());
        CHECK(fault_of(copy).find("it is no founder file") == 0);
    }
    CHECK_FALSE(read_founder(""));
    CHECK_FALSE(read_founder("[]"));
    CHECK_FALSE(read_founder(std::string(100000, '[')));
}

TEST_CASE("founders who do not agree cannot found", "[founding]") {
    auto other = founder_of("essex", 2);
    SECTION("on the name") {
        other.genesis.set_name("other-credits");
        CHECK(found({founder_of("suffolk", 1), other}).error().find("ledger's name") !=
              std::string::npos);
    }
    SECTION("on the parameters") {
        other.genesis.mutable_parameters()->set_reveal_seconds(1);
        CHECK(found({founder_of("suffolk", 1), other}).error().find("parameters") !=
              std::string::npos);
    }
    SECTION("two of one authority") {
        CHECK(found({founder_of("suffolk", 1), founder_of("suffolk", 2)}).error() ==
              "Two founder files are of suffolk.");
    }
    SECTION("two with one key") {
        CHECK(found({founder_of("suffolk", 1), founder_of("essex", 1)})
                  .error()
                  .find("stands twice") != std::string::npos);
    }
    SECTION("nobody") {
        CHECK(found({}).error() == "There is no founder.");
    }
}

TEST_CASE("a network file keeps what was put into it", "[founding]") {
    NetworkFile network;
    network.ledger_id.bytes.fill(7);
    network.peers = {{"suffolk", std::string(40, 'a'), "tally.suffolk.example:7712"},
                     {"", std::string(40, '0'), "[::1]:1"}};
    network.genesis = std::string{"\x00\xff", 2};
    network.engine_genesis = "{}\n";
    network.trust = "{\n  \"format\": \"x\"\n}\n";
    const auto read = read_network(network_json(network));
    REQUIRE(read);
    CHECK(read->ledger_id == network.ledger_id);
    CHECK(peer_addresses(*read) == peer_addresses(network));
    CHECK(read->peers[0].authority == "suffolk");
    CHECK(read->genesis == network.genesis);
    CHECK(read->engine_genesis == network.engine_genesis);
    CHECK(read->trust == network.trust);

    const auto json = nlohmann::ordered_json::parse(network_json(network));
    const auto altered = [&](const std::string& pointer, const std::string& value) {
        auto copy = json;
        copy[nlohmann::ordered_json::json_pointer{pointer}] = value;
        return read_network(copy.dump()).error();
    };
    CHECK(altered("/format", "other") == "it is no network file of this version.");
    CHECK(altered("/ledger_id", "00") == "its ledger_id is not 64 hexadecimal digits.");
    CHECK(altered("/genesis", "?") == "its genesis is not base 64.");
    CHECK(altered("/peers/0/id", "AA").find("40 hexadecimal digits") != std::string::npos);
    CHECK(altered("/peers/0/address", "x").find("not a host and a port") != std::string::npos);
    CHECK_FALSE(read_network("{}"));
    CHECK(load_network("/nowhere/network.json").error().sentence.find("/nowhere/network.json") !=
          std::string::npos);
}

TEST_CASE("addresses of peers are ids, hosts and ports", "[founding]") {
    const std::string id(40, 'f');
    for (const auto* good : {"127.0.0.1:1", "[::1]:65535", "tally.suffolk.example:7712", "a:1"}) {
        CHECK(is_host_and_port(good));
        CHECK(is_peer_address(id + "@" + good));
    }
    for (const auto* bad :
         {"", ":1", "a", "a:", "a:0", "a:65536", "a:1x", "::1:1", "a b:1", "a\"b:1", "a,b:1"}) {
        CHECK_FALSE(is_host_and_port(bad));
        CHECK_FALSE(is_peer_address(id + "@" + bad));
    }
    CHECK_FALSE(is_peer_address("a:1"));
    CHECK_FALSE(is_peer_address(std::string(39, 'f') + "@a:1"));
    CHECK_FALSE(is_peer_address(std::string(40, 'F') + "@a:1"));
    CHECK(is_peer_id(id));
    CHECK_FALSE(is_peer_id(id + "0"));
}
