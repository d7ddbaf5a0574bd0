#include "node/ops/ops.hpp"

#include "node/api/json.hpp"
#include "node/ops/disk_watch.hpp"

namespace tallystick::node {

namespace {

using api::Json;
using api::Method;
using api::Request;
using api::Response;

api::Route route(std::string_view pattern, std::function<Response(const Request&)> answer) {
    return {Method::get, pattern, api::at_once(std::move(answer))};
}

Response healthy() {
    return api::json_response({{"status", "ok"}}, api::Caching::never);
}

Response readiness(const NodeService& node, const OpsWatch& watch) {
    auto failing = node.not_ready();
    if (!watch.data.empty())
        if (auto full = disk_nearly_full(watch.data, watch.disk_free_mib_min))
            failing.push_back(std::move(*full));
    Json json;
    json["status"] = failing.empty() ? "ready" : "not_ready";
    json["failing"] = failing;
    auto response = api::json_response(json, api::Caching::never);
    if (!failing.empty()) {
        response.status = 503;
        response.retry_after_seconds = 1;
    }
    return response;
}

Response version(const NodeService& node) {
    Json json;
    json["program"] = "tallyd";
    json["version"] = program_version();
    json["api"] = "v1";
    json["chain_id"] = node.chain_id();
    json["ledger_id"] = to_hex(node.ledger_id().view());
    return api::json_response(json, api::Caching::never);
}

}  // namespace

std::string_view program_version() noexcept {
    return TALLYSTICK_VERSION;
}

std::vector<api::Route> ops_routes(const NodeService& node,
                                   std::function<api::ServerCounters()> counters,
                                   const OpsWatch& watch) {
    return {route("/healthz", [](const Request&) { return healthy(); }),
            route("/readyz", [&node, watch](const Request&) { return readiness(node, watch); }),
            route("/metrics",
                  [&node, counters = std::move(counters), watch](const Request&) {
                      Response response;
                      response.content_type = api::content::text;
                      response.body = metrics_text(node, counters(), watch);
                      return response;
                  }),
            route("/version", [&node](const Request&) { return version(node); })};
}

std::vector<api::Route> ops_routes(const NodeService& node, const api::Server& public_server,
                                   const OpsWatch& watch) {
    return ops_routes(
        node, [&public_server] { return public_server.counters(); }, watch);
}

}  // namespace tallystick::node
