#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/log/entries: the log, oldest first.
namespace tallystick::node::api {

namespace {

Response entries(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto from = parameters.number("from", 0, UINT64_MAX, 0);
    const auto limit = parameters.number("limit", 1, 1000, 100);
    const auto cursor = parameters.optional_number("cursor", 0, UINT64_MAX);
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) -> Response {
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["items"] = Json::array();
        auto index = cursor.value_or(from);
        for (; index < snapshot.log_size() && answer["items"].size() < limit; ++index) {
            const auto logged = snapshot.entry(index);
            if (!logged) return problem_of(logged.error(), Code::internal_error, "");
            auto item = json_of(*logged);
            item["bytes"] = to_base64(logged->bytes);
            answer["items"].push_back(std::move(item));
        }
        if (index < snapshot.log_size()) answer["next"] = std::to_string(index);
        return json_response(answer, Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_log_entries(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/log/entries",
                      at_once([&node](const Request& request) { return entries(node, request); })});
}

}  // namespace tallystick::node::api
