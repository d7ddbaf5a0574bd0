#include "protocol/block.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "protocol/light_client.hpp"
#include "unit/catch.hpp"
#include "unit/protocol/signed_chain.hpp"
#include "vectors/node_json.hpp"

using namespace tallystick;
using namespace tallystick::test;
namespace fs = std::filesystem;
using node_json::Json;

namespace {

/// Recorded answers of a real node, where this machine has them.
std::optional<fs::path> recordings() {
    if (const char* shared = std::getenv("TALLYSTICK_SHARED"))
        return fs::path{shared} / "vectors" / "lightclient";
    for (auto folder = fs::current_path(); folder != folder.root_path();
         folder = folder.parent_path()) {
        const auto found = folder / "shared" / "vectors" / "lightclient";
        if (fs::exists(found)) return found;
    }
    return std::nullopt;
}

Json recorded(const fs::path& folder, const std::string& name) {
    std::ifstream file{folder / ("kvstore_v0_38_" + name + ".json")};
    return Json::parse(file).at("result");
}

}  // namespace

TEST_CASE("blocks, commits and sets hash as a recorded CometBFT node hashed them", "[block]") {
    const auto folder = recordings();
    if (!folder) return;
    const auto set =
        node_json::validators(recorded(*folder, "genesis").at("genesis").at("validators"));
    for (const auto* name : {"block_at_height_1", "block_at_height_10"}) {
        const auto answer = recorded(*folder, name);
        const auto& block = answer.at("block");
        const auto header = node_json::header(block.at("header"));
        const auto last_commit = node_json::commit(block.at("last_commit"));
        const auto id = node_json::block_id(answer.at("block_id"));
        CHECK(header_hash(header).text() == id.hash());
        CHECK(commit_hash(last_commit).text() == header.last_commit_hash());
        CHECK(data_hash({}).text() == header.data_hash());
        CHECK(validators_hash(set).text() == header.validators_hash());
        CHECK(consensus_hash(22020096, -1).text() == header.consensus_hash());
        CHECK(results_hash(0).text() == header.last_results_hash());
        CHECK(no_evidence_hash().text() == header.evidence_hash());
        const auto parts = part_set_header(encode_block(header, {}, last_commit));
        CHECK(parts.total() == id.part_set_header().total());
        CHECK(parts.hash() == id.part_set_header().hash());
    }
    const auto answer = recorded(*folder, "commit_at_height_10").at("signed_header");
    pb::LightBlock block;
    *block.mutable_header() = node_json::header(answer.at("header"));
    *block.mutable_commit() = node_json::commit(answer.at("commit"));
    *block.mutable_validators() = set;
    const auto power = verify_commit(block, SlotRule::blank);
    REQUIRE(power);
    CHECK(power->signed_power == 10);
    block.mutable_commit()->mutable_signatures(0)->mutable_timestamp()->set_nanos(1);
    CHECK(verify_commit(block, SlotRule::blank).error() == ChainFault::false_signature);
}

TEST_CASE("a made block has the golden hashes", "[block]") {
    const auto set = set_of({1});
    const std::vector<std::string> bundles{"one bundle", std::string(70000, 'b')};
    BlockParts parts;
    parts.chain_id = "suffolk-1";
    parts.height = 7;
    parts.time = make_timestamp(chain_begins, 123456789);
    parts.last_commit = sign_commit({"suffolk-1", 6, 0, {}}, key_of(1), parts.time);
    parts.bundles = bundles;
    parts.validators = set;
    parts.next_validators = set;
    parts.last_results = 3;
    parts.proposer = *address_of(set.validators(0));
    const auto made = make_block(parts);
    CHECK(made.block_id.part_set_header().total() == 2);
    CHECK(to_hex(bytes_of(made.block_id.hash())) ==
          "62e4320e6e0a4d881bde91caf449d0c82eeb7ab88497d6eb6300b94b40e9039f");
    CHECK(to_hex(bytes_of(made.block_id.part_set_header().hash())) ==
          "8d3fceed7d96e72e1cc17a1c837600cb643aac322ccc9d693c96d54df71e8901");
    CHECK(to_hex(bytes_of(made.header.last_results_hash())) ==
          "4837665dfe640a370e7496c691987562d02462142c5f34f59e185911a12370ea");
    CHECK(to_hex(consensus_hash().view()) ==
          "bab5041d16246e2757db17af4b55faafbfd8660f7eb32871c99f91d0e58d5bf2");
}

TEST_CASE("what a chain of one validator signs is accepted, and chains on", "[block]") {
    const auto set = set_of({1});
    pb::BlockId last_id;
    pb::Commit last_commit;
    std::optional<TrustedBlock> trusted;
    for (std::int64_t height = 1; height <= 3; ++height) {
        BlockParts parts;
        parts.chain_id = "suffolk-1";
        parts.height = height;
        parts.time = make_timestamp(chain_begins + height, 0);
        parts.last_block_id = last_id;
        parts.last_commit = last_commit;
        parts.validators = set;
        parts.next_validators = set;
        parts.proposer = *address_of(set.validators(0));
        const auto made = make_block(parts);
        pb::LightBlock block;
        *block.mutable_header() = made.header;
        *block.mutable_commit() = sign_commit({"suffolk-1", height, 0, made.block_id}, key_of(1),
                                              make_timestamp(chain_begins + height, 1000000));
        *block.mutable_validators() = set;
        REQUIRE(verify_commit(block, SlotRule::blank));
        if (trusted) REQUIRE(verify_step(*trusted, block, SlotRule::blank));
        trusted = trusted_from(block);
        last_id = made.block_id;
        last_commit = block.commit();
    }
}
