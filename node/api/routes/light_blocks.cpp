#include "node/api/json_of.hpp"
#include "node/api/parameters.hpp"
#include "node/api/problem.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/target.hpp"
#include "protocol/canonical.hpp"
#include "protocol/header.hpp"

/// GET /v1/light-blocks/{height}: a header, its commit and its validators.
namespace tallystick::node::api {

namespace {

Response light_block(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const bool latest = request.captures.at(0) == "latest";
    const auto height = latest ? node.head().height : parameters.number_at(0);
    if (auto fault = parameters.fault()) return std::move(*fault);
    const auto block = node.light_block(height);
    if (!block)
        return problem_of(block.error(), Code::unknown_block,
                          "The newest block is " + std::to_string(node.head().height) + ".");
    const auto& header = block->header();
    const AsOf as_of{height, static_cast<std::uint64_t>(header.time().seconds())};
    const auto caching = latest ? Caching::revalidate : Caching::for_ever;
    if (names(request.accept, content::protobuf)) {
        Response response;
        response.content_type = content::protobuf;
        response.body = canonical_bytes(*block);
        response.caching = caching;
        response.as_of = as_of;
        return response;
    }
    Json answer;
    answer["height"] = height;
    answer["time"] = header.time().seconds();
    answer["chain_id"] = header.chain_id();
    answer["header_hash"] = to_hex(header_hash(header).view());
    answer["app_hash"] = hex(header.app_hash());
    answer["light_block"] = to_base64(canonical_bytes(*block));
    return json_response(answer, caching, as_of);
}

}  // namespace

void add_light_blocks(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/light-blocks/{}", at_once([&node](const Request& request) {
                          return light_block(node, request);
                      })});
}

}  // namespace tallystick::node::api
