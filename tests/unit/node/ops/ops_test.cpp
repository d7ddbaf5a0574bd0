#include "node/ops/ops.hpp"

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
