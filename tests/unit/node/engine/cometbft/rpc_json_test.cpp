#include "node/engine/cometbft/rpc_json.hpp"

#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::node;

namespace {

const std::string commit_answer = R"({"jsonrpc":"2.0","id":1,"result":{"signed_header":{"header":{
"version":{"block":"11","app":"1"},"chain_id":"a-1","height":"3","time":"2026-11-23T01:16:18.225807296Z",
"last_block_id":{"hash":"AA","parts":{"total":1,"hash":"BB"}},"last_commit_hash":"01","data_hash":"02",
"validators_hash":"03","next_validators_hash":"04","consensus_hash":"05","app_hash":"06",
"last_results_hash":"07","evidence_hash":"08","proposer_address":"09"},
"commit":{"height":"3","round":1,"block_id":{"hash":"CC","parts":{"total":2,"hash":"DD"}},"signatures":[
{"block_id_flag":2,"validator_address":"0E","timestamp":"2026-11-23T01:16:18Z","signature":"AQI="},
{"block_id_flag":1,"validator_address":"","timestamp":"0001-01-01T00:00:00Z","signature":null},
{"block_id_flag":3,"validator_address":"0F","timestamp":"2026-11-23T01:16:19Z","signature":"AQM="}]}},
"canonical":true}})";

}  // namespace

TEST_CASE("the engine's headers and commits are read as they stand", "[rpc]") {
    const auto read = read_signed_header(commit_answer);
    REQUIRE(read);
    CHECK(read->canonical);
    CHECK(read->header.version().app() == 1);
    CHECK(read->header.height() == 3);
    CHECK(read->header.time().nanos() == 225807296);
    CHECK(read->header.app_hash() == "\x06");
    CHECK(read->header.last_block_id().part_set_header().total() == 1);
    CHECK(read->commit.round() == 1);
    REQUIRE(read->commit.signatures_size() == 3);
    CHECK(read->commit.signatures(0).signature() == "\x01\x02");
    CHECK(read->commit.signatures(1).block_id_flag() == pb::BLOCK_ID_FLAG_ABSENT);
    CHECK_FALSE(read->commit.signatures(1).has_timestamp());
    CHECK(read->commit.signatures(2).block_id_flag() == pb::BLOCK_ID_FLAG_NIL);
}

TEST_CASE("what the engine says wrongly is an error, never a crash", "[rpc]") {
    for (std::size_t size = 0; size < commit_answer.size(); size += 7)
        CHECK_FALSE(read_signed_header(commit_answer.substr(0, size)));
    const auto altered = [](const std::string& from, const std::string& to) {
        auto text = commit_answer;
        text.replace(text.find(from), from.size(), to);
        return read_signed_header(text);
    };
    CHECK_FALSE(altered("\"3\"", "\"x\""));
    CHECK_FALSE(altered("\"AA\"", "\"A\""));
    CHECK_FALSE(altered("\"AQI=\"", "\"?\""));
    CHECK_FALSE(altered("\"block_id_flag\":2", "\"block_id_flag\":4"));
    CHECK_FALSE(altered("2026-11-23T01:16:18.225807296Z", "yesterday"));
    CHECK_FALSE(altered("\"total\":1", "\"total\":-1"));
    CHECK_FALSE(read_status("null"));
    CHECK_FALSE(read_peers(R"({"result":{"peers":[{}]}})"));
    CHECK_FALSE(read_mempool(R"({"result":{}})"));
    CHECK_FALSE(read_submitted(R"({"result":{"code":"x"}})"));
}

TEST_CASE("an error of the engine says what it was, and whether the bundle is there", "[rpc]") {
    const auto known = read_submitted(
        R"({"error":{"code":-32603,"message":"Internal error","data":"tx already exists in cache"}})");
    REQUIRE_FALSE(known);
    CHECK(known.error().already_known);
    CHECK(known.error().sentence ==
          "The engine answered: Internal error (tx already exists in cache).");
    const auto full = read_submitted(
        R"({"error":{"code":-32603,"message":"Internal error","data":"mempool is full: number of txs 1"}})");
    REQUIRE_FALSE(full);
    CHECK(full.error().mempool_full);
    CHECK(*read_submitted(R"({"result":{"code":0}})") == 0);
    CHECK(*read_submitted(R"({"result":{"code":5}})") == 5);
}

TEST_CASE("peers' heights are those of the blocks that they have", "[rpc]") {
    const auto heights = read_peer_heights(
        R"({"result":{"peers":[{"peer_state":{"round_state":{"height":"12"}}},
            {"peer_state":{"round_state":{"height":"0"}}}]}})");
    REQUIRE(heights);
    CHECK(*heights == std::vector<std::uint64_t>{11, 0});
    CHECK(read_peer_heights(R"({"result":{"peers":null}})")->empty());
    const auto status =
        read_status(R"({"result":{"sync_info":{"latest_block_height":"9","catching_up":true}}})");
    REQUIRE(status);
    CHECK(status->height == 9);
    CHECK(status->catching_up);
    const auto peers = read_peers(
        R"({"result":{"peers":[{"node_info":{"id":"aa","moniker":"m"},"remote_ip":"10.0.0.1"}]}})");
    REQUIRE(peers);
    CHECK(peers->at(0).moniker == "m");
    const auto validators = read_validators(
        R"({"result":{"validators":[{"address":"0EAA","voting_power":"7",
            "proposer_priority":"-3"}],"total":"1"}})");
    REQUIRE(validators);
    CHECK(validators->at(0).id == "0eaa");
    CHECK(validators->at(0).power == 7);
    CHECK(validators->at(0).priority == -3);
    CHECK(read_mempool(R"({"result":{"n_txs":"1","total":"4","total_bytes":"99"}})")->bytes == 99);
}
