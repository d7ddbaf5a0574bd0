#include "node/api/json_of.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/accreditations: applications and what was decided.
namespace tallystick::node::api {

namespace {

Response list(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto page = PageRequest::from(parameters);
    const auto contract = ContractFilter::from(parameters);
    const auto project = parameters.handle("project");
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        return page_of_leaves(
            node, snapshot, contract.prefix(Kind::accreditation), page, Json::object(),
            [&](const ParsedKey& key, std::string_view,
                std::string_view value) -> std::optional<Json> {
                if (project && key.parts[3] != *project) return std::nullopt;
                return accreditation_json(contract_of_parts(key, 0), key.parts[3],
                                          decoded<pb::Accreditation>(value), snapshot.time());
            });
    });
}

}  // namespace

void add_accreditations(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/accreditations",
                      at_once([&node](const Request& request) { return list(node, request); })});
}

}  // namespace tallystick::node::api
