#include "node/api/problem.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/stream_filter.hpp"

/// GET /v1/outcomes without an upgrade; the server takes those with one (websocket.cpp).
namespace tallystick::node::api {

void add_outcomes(std::vector<Route>& routes) {
    routes.push_back({Method::get, "/v1/outcomes", at_once([](const Request& request) {
                          std::optional<Response> fault;
                          (void)stream_filter(request, fault);
                          if (fault) return std::move(*fault);
                          return problem(Code::upgrade_required,
                                         "Connect with a WebSocket client (RFC 6455).");
                      })});
}

}  // namespace tallystick::node::api
