#include "node/api/json_of.hpp"
#include "node/api/parameters.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/snapshots: what nodes that join late can take from this one.
namespace tallystick::node::api {

void add_snapshots(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/snapshots", at_once([&node](const Request& request) {
                          Parameters parameters{request};
                          if (auto fault = parameters.fault()) return std::move(*fault);
                          Json answer;
                          answer["items"] = Json::array();
                          for (const auto& snapshot : node.snapshots())
                              answer["items"].push_back({{"height", snapshot.height},
                                                         {"format", snapshot.format},
                                                         {"chunks", snapshot.chunks}});
                          return json_response(answer, Caching::revalidate);
                      })});
}

}  // namespace tallystick::node::api
