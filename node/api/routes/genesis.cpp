#include "node/api/json_of.hpp"
#include "node/api/parameters.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/target.hpp"
#include "protocol/canonical.hpp"

/// GET /v1/genesis: how the ledger began.
namespace tallystick::node::api {

namespace {

Response genesis(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    if (auto fault = parameters.fault()) return std::move(*fault);
    const auto file = canonical_bytes(node.genesis_file());
    if (names(request.accept, content::protobuf)) {
        Response response;
        response.content_type = content::protobuf;
        response.body = file;
        response.caching = Caching::for_ever;
        return response;
    }
    Json answer;
    answer["ledger_id"] = to_hex(node.ledger_id().view());
    answer["name"] = node.genesis().name();
    answer["time"] = node.genesis().time();
    answer["authorities"] = Json::array();
    for (const auto& authority : node.genesis().authorities())
        answer["authorities"].push_back(authority.handle());
    answer["genesis_file"] = to_base64(file);
    return json_response(answer, Caching::for_ever);
}

}  // namespace

void add_genesis(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/genesis",
                      at_once([&node](const Request& request) { return genesis(node, request); })});
}

}  // namespace tallystick::node::api
