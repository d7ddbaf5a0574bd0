#include "node/api/json_of.hpp"
#include "node/api/parameters.hpp"
#include "node/api/problem.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/target.hpp"
#include "protocol/canonical.hpp"
#include "protocol/header.hpp"

/// GET /v1/light-blocks/{height}: a header, its commit and its validators; GET /v1/light-blocks:
/// several.
namespace tallystick::node::api {

namespace {

/// Is it not here yet, or its header is not?
bool is_yet_to_come(ReadError error) {
    return error == ReadError::not_found || error == ReadError::not_provable_yet;
}

/// Newest first as asked for: the newest block may not have its header yet.
Result<pb::LightBlock, ReadError> newest(const NodeService& node, const Trails& trails) {
    const auto head = node.head();
    for (auto height = head.height; height != 0 && height + 1 > head.provable_height; --height) {
        auto block = trails.light_block(height);
        if (block || !is_yet_to_come(block.error())) return block;
    }
    return Failure{ReadError::not_found};
}

Json light_block_json(const pb::LightBlock& block) {
    const auto& header = block.header();
    Json item;
    item["height"] = header.height();
    item["time"] = header.time().seconds();
    item["chain_id"] = header.chain_id();
    item["header_hash"] = to_hex(header_hash(header).view());
    item["app_hash"] = hex(header.app_hash());
    item["light_block"] = to_base64(canonical_bytes(block));
    return item;
}

Response no_block(const NodeService& node, ReadError error) {
    return problem_of(error, Code::unknown_block,
                      "The newest block is " + std::to_string(node.head().height) +
                          "; a node that joined late does not have the oldest.");
}

Response light_block(const NodeService& node, const Trails& trails, const Request& request) {
    Parameters parameters{request};
    const bool latest = request.captures.at(0) == "latest";
    const auto height = latest ? 0 : parameters.number_at(0);
    if (auto fault = parameters.fault()) return std::move(*fault);
    const auto block = latest ? newest(node, trails) : trails.light_block(height);
    if (!block) return no_block(node, block.error());
    const auto& header = block->header();
    const AsOf as_of{static_cast<std::uint64_t>(header.height()),
                     static_cast<std::uint64_t>(header.time().seconds())};
    // The commit at the head may be replaced by the one that the next header hashes.
    const bool settled = !latest && height < node.head().provable_height;
    const auto caching = settled ? Caching::for_ever : Caching::revalidate;
    if (!names(request.accept, content::protobuf))
        return json_response(light_block_json(*block), caching, as_of);
    Response response;
    response.content_type = content::protobuf;
    response.body = canonical_bytes(*block);
    response.caching = caching;
    response.as_of = as_of;
    return response;
}

constexpr std::uint64_t blocks_max = 100;

Response light_blocks(const NodeService& node, const Trails& trails, const Request& request) {
    Parameters parameters{request};
    const auto first = parameters.required_number("first");
    const auto limit = parameters.number("limit", 1, blocks_max, 20);
    if (first == 0) parameters.refuse("first", "a height, 1 or more");
    if (auto fault = parameters.fault()) return std::move(*fault);
    Json answer;
    answer["items"] = Json::array();
    for (auto height = first; height - first < limit && height <= node.head().height; ++height) {
        const auto block = trails.light_block(height);
        // Behind the newest header there is nothing yet.
        if (!block && is_yet_to_come(block.error()) && height != first) break;
        if (!block) return no_block(node, block.error());
        answer["items"].push_back(light_block_json(*block));
    }
    return json_response(answer, Caching::revalidate);
}

}  // namespace

void add_light_blocks(std::vector<Route>& routes, const NodeService& node,
                      const std::shared_ptr<const Trails>& trails) {
    routes.push_back(
        {Method::get, "/v1/light-blocks", at_once([&node, trails](const Request& request) {
             return light_blocks(node, *trails, request);
         })});
    routes.push_back(
        {Method::get, "/v1/light-blocks/{}", at_once([&node, trails](const Request& request) {
             return light_block(node, *trails, request);
         })});
}

}  // namespace tallystick::node::api
