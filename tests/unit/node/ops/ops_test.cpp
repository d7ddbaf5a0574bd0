#include "node/ops/ops.hpp"

#include "node/ops/disk_watch.hpp"

#include "unit/catch.hpp"
#include "unit/node/api/fake_node.hpp"

using namespace tallystick;
using namespace tallystick::node;

namespace {

api::Api api_of(const FakeNode& node) {
    return api::Api{ops_routes(node, [] { return api::ServerCounters{}; })};
}

}  // namespace

TEST_CASE("a node that is not ready says what fails, and is healthy all the same", "[ops]") {
    FakeNode node;
    const auto api = api_of(node);
    CHECK(get(api, "/readyz").status == 200);
    node.failing = {"The disk is full."};
    const auto response = get(api, "/readyz");
    CHECK(response.status == 503);
    CHECK(json_in(response)["failing"] == api::Json{"The disk is full."});
    CHECK(get(api, "/healthz").status == 200);
}

TEST_CASE("metrics begin with the blocks behind head", "[ops]") {
    FakeNode node;
    node.ledger.height = 7;
    node.its_metrics.height = 9;
    node.its_metrics.refused_total = 4;
    node.its_metrics.commit_microseconds_total = 1500000;
    api::ServerCounters counters;
    counters.answers_total.at(4) = 3;
    const auto text = metrics_text(node, counters);
    CHECK(text.starts_with("# HELP tallystick_blocks_behind_head"));
    CHECK(text.find("\ntallystick_blocks_behind_head 2\n") != std::string::npos);
    CHECK(text.find("tallystick_envelopes_total{outcome=\"refused\"} 4\n") != std::string::npos);
    CHECK(text.find("tallystick_commit_seconds_total 1.5\n") != std::string::npos);
    CHECK(text.find("tallystick_api_answers_total{status=\"4xx\"} 3\n") != std::string::npos);
}

TEST_CASE("the version names program, API and ledger", "[ops]") {
    FakeNode node;
    const auto json = json_in(get(api_of(node), "/version"));
    CHECK(json["program"] == "tallyd");
    CHECK(json["version"] == program_version());
    CHECK(json["chain_id"] == "suffolk-credits-1");
}

TEST_CASE("a disk with too little room left is named before it is full", "[ops]") {
    FakeNode node;
    const auto folder = std::filesystem::temp_directory_path();
    const auto api_with = [&](std::uint64_t mib_min) {
        return api::Api{ops_routes(
            node, [] { return api::ServerCounters{}; }, OpsWatch{folder, mib_min})};
    };
    CHECK(get(api_with(0), "/readyz").status == 200);
    const auto response = get(api_with(std::uint64_t{1} << 40), "/readyz");
    CHECK(response.status == 503);
    const auto json = json_in(response);
    REQUIRE(json["failing"].size() == 1);
    CHECK(json["failing"][0].get<std::string>().find("is nearly full") != std::string::npos);
    CHECK(metrics_text(node, {}, {folder, 0}).find("\ntallystick_disk_free_bytes ") !=
          std::string::npos);
    CHECK_FALSE(disk_free_bytes("/nowhere/at/all"));
    CHECK_FALSE(disk_nearly_full("/nowhere/at/all", 1));
}

TEST_CASE("metrics tell of the engine beside a network's node", "[ops]") {
    FakeNode node;
    CHECK(metrics_text(node, {}).find("tallystick_engine_up") == std::string::npos);
    node.its_metrics.engine = EngineHealthMetrics{true, 3, 4, 5, 6, 7};
    const auto text = metrics_text(node, {});
    for (const auto* line :
         {"tallystick_engine_up 1", "tallystick_engine_peers 3",
          "tallystick_engine_blocks_behind_head 4", "tallystick_engine_restarts_total 5",
          "tallystick_engine_mempool_bundles 6", "tallystick_engine_mempool_bytes 7"})
        CHECK(text.find("\n" + std::string{line} + "\n") != std::string::npos);
    // What is missing here counts where an operator looks first.
    CHECK(text.starts_with("# HELP tallystick_blocks_behind_head"));
    CHECK(text.find("\ntallystick_blocks_behind_head 4\n") != std::string::npos);
}
