#include "node/ops/joining.hpp"

#include "node/api/json.hpp"
#include "node/ops/ops.hpp"

namespace tallystick::node {
namespace {

using api::Json;
using api::Request;
using api::Response;

api::Route route(std::string_view pattern, std::function<Response()> answer) {
    return {api::Method::get, pattern,
            api::at_once([answer = std::move(answer)](const Request&) { return answer(); })};
}

Response readiness(const LateJoinProgress& progress) {
    Json json;
    json["status"] = "not_ready";
    json["failing"] = Json::array({progress.get().sentence});
    auto response = api::json_response(json, api::Caching::never);
    response.status = 503;
    response.retry_after_seconds = 1;
    return response;
}

Response metrics(const LateJoinProgress& progress) {
    const auto now = progress.get();
    const auto gauge = [](const std::string& name, const std::string& help, std::size_t value) {
        return "# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n" + name + " " +
               std::to_string(value) + "\n";
    };
    Response response;
    response.content_type = api::content::text;
    response.body =
        gauge("tallystick_ready", "1 when the node takes envelopes.", 0) +
        gauge("tallystick_joining_chunks", "Chunks of the snapshot that is taken.", now.chunks) +
        gauge("tallystick_joining_chunks_here", "Of them here.", now.chunks_here);
    return response;
}

}  // namespace

std::vector<api::Route> joining_routes(const LateJoinProgress& progress) {
    return {route("/healthz",
                  [] {
                      return api::json_response({{"status", "ok"}}, api::Caching::never);
                  }),
            route("/readyz", [&progress] { return readiness(progress); }),
            route("/metrics", [&progress] { return metrics(progress); }), route("/version", [] {
                Json json;
                json["program"] = "tallyd";
                json["version"] = program_version();
                json["api"] = "v1";
                return api::json_response(json, api::Caching::never);
            })};
}

}  // namespace tallystick::node
