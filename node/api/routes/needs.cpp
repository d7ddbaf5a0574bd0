#include "node/api/json_of.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/needs: what projects could use. A need that is withdrawn is gone.
namespace tallystick::node::api {

namespace {

Response list(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto page = PageRequest::from(parameters);
    const auto contract = ContractFilter::from(parameters);
    const auto project = parameters.handle("project");
    const auto resource = parameters.code("resource");
    const auto ward = parameters.code("ward");
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        return page_of_leaves(
            node, snapshot, key_prefix(Kind::need, {}), page, Json::object(),
            [&](const ParsedKey& key, std::string_view,
                std::string_view value) -> std::optional<Json> {
                const auto need = decoded<pb::Need>(value);
                if (!contract.fits(need.contract()) || (project && *project != need.project()) ||
                    (resource && *resource != need.resource()) || (ward && *ward != need.ward()))
                    return std::nullopt;
                return need_json(key.parts[0], need);
            });
    });
}

}  // namespace

void add_needs(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/needs",
                      at_once([&node](const Request& request) { return list(node, request); })});
}

}  // namespace tallystick::node::api
