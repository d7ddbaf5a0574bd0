#include "protocol/trust.hpp"
#include "node/api/parameters.hpp"
#include "node/api/problem.hpp"
#include "node/api/routes/routes.hpp"
#include "node/trust_file.hpp"

/// GET /v1/trust: a trust file for this ledger.
namespace tallystick::node::api {

void add_trust(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/trust", at_once([&node](const Request& request) {
                          Parameters parameters{request};
                          if (auto fault = parameters.fault()) return std::move(*fault);
                          const auto first = node.light_block(1);
                          if (!first && first.error() == ReadError::not_found)
                              return problem_of(ReadError::not_provable_yet, Code::unknown_block,
                                                "");
                          if (!first) return problem_of(first.error(), Code::unknown_block, "");
                          Response response;
                          response.body = serialise_trust(trust_from(
                              node.ledger_id(), node.chain_id(), node.genesis(), first->header()));
                          response.caching = Caching::revalidate;
                          return response;
                      })});
}

}  // namespace tallystick::node::api
