#include "node/api/json_of.hpp"
#include "node/api/parameters.hpp"
#include "node/api/problem.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/target.hpp"
#include "protocol/handover.hpp"

/// GET /v1/handovers/{segment}: the record of how a segment of the chain followed the one before.
namespace tallystick::node::api {

namespace {

Response handover(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto segment = parameters.number_at(0);
    if (segment < 2 || segment > UINT32_MAX) parameters.refuse("segment", "2 or more");
    if (auto fault = parameters.fault()) return std::move(*fault);
    const auto record = node.handover(static_cast<std::uint32_t>(segment));
    if (!record)
        return problem_of(record.error(), Code::unknown_handover,
                          "The ledger has not been handed over so often, or this node joined "
                          "after that: ask another authority's node.");
    Response response;
    response.content_type = content::handover;
    response.body = handover_file(*record);
    response.caching = Caching::for_ever;
    return response;
}

}  // namespace

void add_handovers(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/handovers/{}", at_once([&node](const Request& request) {
                          return handover(node, request);
                      })});
}

}  // namespace tallystick::node::api
