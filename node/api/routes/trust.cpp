#include "protocol/trust.hpp"
#include "node/api/parameters.hpp"
#include "node/api/problem.hpp"
#include "node/api/routes/routes.hpp"
#include "node/trust_file.hpp"

/// GET /v1/trust: a trust file for this ledger.
namespace tallystick::node::api {

void add_trust(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back(
        {Method::get, "/v1/trust", at_once([&node](const Request& request) {
             Parameters parameters{request};
             const auto at = parameters.word("trusted", {"beginning", "newest"}, "beginning");
             if (auto fault = parameters.fault()) return std::move(*fault);
             const auto trust =
                 trust_from(node, at == "newest" ? TrustedAt::newest : TrustedAt::beginning);
             if (!trust && trust.error() == ReadError::not_found)
                 return problem_of(ReadError::not_provable_yet, Code::unknown_block, "");
             if (!trust) return problem_of(trust.error(), Code::unknown_block, "");
             Response response;
             response.body = serialise_trust(*trust);
             response.caching = Caching::revalidate;
             return response;
         })});
}

}  // namespace tallystick::node::api
