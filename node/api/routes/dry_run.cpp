#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// POST /v1/dry-run: what the ledger would answer now. Nothing changes.
namespace tallystick::node::api {

namespace {

Response dry_run(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    if (auto fault = parameters.fault()) return std::move(*fault);
    if (request.content_type != content::json)
        return problem(Code::unsupported_media_type, "Send application/json.");
    const auto json = parse_json(request.body);
    if (!json && json.error() == JsonFault::too_deep)
        return problem(Code::too_deep, "At most 16 levels of arrays and objects.");
    if (!json) return problem(Code::bad_request, "The body is no JSON.");

    const bool whole = json->is_object() && json->contains("envelope");
    const char* const name = whole ? "envelope" : "body";
    if (!json->is_object() || json->size() != 1 || !json->contains(name) ||
        !(*json)[name].is_string())
        return problem(Code::bad_request,
                       R"(The body must be {"envelope": "BASE64"} or {"body": "BASE64"}.)");
    auto bytes = from_base64((*json)[name].get_ref<const std::string&>());
    if (!bytes) return problem(Code::bad_request, "`" + std::string{name} + "` is no base 64.");

    const auto said =
        node.dry_run(std::move(*bytes), whole ? DryRunForm::envelope : DryRunForm::body);
    const auto head = node.head();
    const AsOf as_of{head.height, head.time_ms / 1000};
    Json answer;
    answer["as_of"] = as_of_json(node, as_of);
    answer["result"] = answer_status_name(said.status);
    if (said.id) answer["id"] = to_hex(said.id->view());
    if (!said.code.empty()) answer["code"] = said.code;
    if (!said.sentence.empty()) answer["detail"] = said.sentence;
    answer["movements"] = Json::array();
    for (const auto& movement : said.movements) answer["movements"].push_back(json_of(movement));
    return json_response(answer, Caching::never, as_of);
}

}  // namespace

void add_dry_run(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::post, "/v1/dry-run",
                      at_once([&node](const Request& request) { return dry_run(node, request); })});
}

}  // namespace tallystick::node::api
