#include "node/engine/cometbft/sync_rpc.hpp"

#include "node/engine/cometbft/rpc_json.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/sync_world.hpp"

namespace tallystick::node::test {
namespace {

/// The peers' answers through the little RPC.
struct Relay {
    SyncChain chain;
    std::vector<SyncPeer> peers;
    PeerApis apis;
    SyncBlocks blocks_of;

    explicit Relay(std::vector<SyncPeer> said, std::size_t count = 3)
        : peers(said.empty() ? std::vector<SyncPeer>(count) : std::move(said)),
          apis(apis_of(prepared())),
          blocks_of(apis, trusted(),
                    [] { return static_cast<std::uint64_t>(chain_begins) + 100; }) {}

    std::vector<SyncPeer>& prepared() {
        for (auto& peer : peers)
            if (peer.chain == nullptr) peer.chain = &chain;
        return peers;
    }
    SyncTrust trusted() {
        const auto beginning = beginning_with(chain, 5);
        auto found = find_sync_trust(apis, beginning);
        REQUIRE(found);
        return std::move(*found);
    }
    std::string ask(std::string_view method, const std::string& parameters) {
        return answer_sync_rpc(rpc_request(method, parameters), blocks_of, 0);
    }
};

bool says(const std::string& text, std::string_view words) {
    INFO(text);
    return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "the engine's light client is told headers, commits and validators as an engine tells "
    "them",
    "[node][cometbft]") {
    Relay relay{{}};
    const auto commit = read_signed_header(relay.ask("commit", R"({"height":"13"})"));
    REQUIRE(commit);
    CHECK(header_hash(commit->header) == header_hash(relay.chain.at(13).header()));
    CHECK(commit->commit.SerializeAsString() == relay.chain.at(13).commit().SerializeAsString());
    CHECK(says(relay.ask("commit", R"({"height":"13"})"), "0001-01-01T00:00:00Z"));

    const auto all =
        read_validators(relay.ask("validators", R"({"height":"13","page":"1","per_page":"100"})"));
    REQUIRE(all);
    REQUIRE(all->size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        const auto& validator = relay.chain.after.validators(static_cast<int>(i));
        CHECK((*all)[i].id == to_hex(address_of(validator)->view()));
        CHECK((*all)[i].power == 10);
        CHECK((*all)[i].priority == static_cast<std::int64_t>(i) - 7);
    }
    const auto second =
        read_validators(relay.ask("validators", R"({"height":"13","page":"2","per_page":"3"})"));
    REQUIRE(second);
    REQUIRE(second->size() == 1);
    CHECK((*second)[0].id == (*all)[3].id);
    CHECK(says(relay.ask("validators", R"({"height":"13","page":"3","per_page":"3"})"),
               "no such page"));

    const auto parameters =
        api::Json::parse(relay.ask("consensus_params", R"({"height":"13"})")).at("result");
    CHECK(parameters.at("block_height") == "13");
    CHECK(parameters.at("consensus_params") ==
          api::Json::parse(engine_genesis_json(relay.blocks_of.engine_genesis()))
              .at("consensus_params"));
}

TEST_CASE("what is no question, or cannot be answered, is an error in the engine's words",
          "[node][cometbft]") {
    Relay relay{{}};
    CHECK(says(relay.ask("commit", R"({"height":"21"})"), "height 21 is not available"));
    CHECK(says(relay.ask("commit", "{}"), "a height is wanted"));
    CHECK(says(relay.ask("commit", R"({"height":"-4"})"), "a height is wanted"));
    CHECK(says(relay.ask("block", R"({"height":"3"})"), "Method not found"));
    CHECK(says(relay.ask("commit", R"({"height":[]})"), "not a request"));
    CHECK(says(answer_sync_rpc("[1,2]", relay.blocks_of, 0), "not a request"));
    CHECK(says(answer_sync_rpc("{", relay.blocks_of, 0), "not a request"));
    CHECK(says(answer_sync_rpc(R"({"id":77,"method":"commit","params":{"height":"13"}})",
                               relay.blocks_of, 0),
               R"("id":77)"));
}

TEST_CASE("a peer that begins to lie costs a question, not the way", "[node][cometbft]") {
    const SyncChain forged{{6, 7, 8, 9}, {6, 7, 8, 9}};
    Relay relay{{}};
    relay.peers[0].chain = &forged;
    const auto commit = read_signed_header(relay.ask("commit", R"({"height":"13"})"));
    REQUIRE(commit);
    CHECK(header_hash(commit->header) == header_hash(relay.chain.at(13).header()));
    for (auto& peer : relay.peers) peer.chain = &forged;
    CHECK(says(relay.ask("commit", R"({"height":"14"})"), "height 14 is not available"));
}

TEST_CASE("whose turn it is to propose is believed when more say so than may be false",
          "[node][cometbft]") {
    Relay relay{{}};
    const auto first_priority = [&](std::int64_t height) {
        const auto read = read_validators(relay.ask(
            "validators", R"({"height":")" + std::to_string(height) + R"(","per_page":"100"})"));
        return read ? std::optional<std::int64_t>{read->at(0).priority} : std::nullopt;
    };
    relay.peers[0].priority = 99;  // the one that is asked first
    CHECK(first_priority(13) == -7);
    relay.peers[1].priority = 55;
    CHECK(first_priority(13) == -7);  // known
    CHECK(first_priority(14) == std::nullopt);
    relay.peers[2].priority = 55;
    CHECK(first_priority(15) == 55);
}

}  // namespace tallystick::node::test
