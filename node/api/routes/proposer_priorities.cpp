#include "node/api/json_of.hpp"
#include "node/api/parameters.hpp"
#include "node/api/problem.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/proposer-priorities/{height}: how near each validator's turn to propose is at a block.
namespace tallystick::node::api {

namespace {

Response priorities(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto height = parameters.number_at(0);
    if (auto fault = parameters.fault()) return std::move(*fault);
    const auto missing = [](ReadError error) {
        return problem_of(error, Code::unknown_block,
                          "This node's engine does not keep that block: it is too old, too new, or "
                          "another engine's. Ask about a newer one, or another authority's node.");
    };
    const auto block = node.light_block(height);
    if (!block) return missing(block.error());
    const auto found = node.proposer_priorities(height, block->validators());
    if (!found) return missing(found.error());
    Json answer;
    answer["height"] = height;
    answer["items"] = Json::array();
    for (int i = 0; i < block->validators().validators_size(); ++i)
        answer["items"].push_back(
            {{"public_key", hex(block->validators().validators(i).public_key())},
             {"priority", std::to_string(found->at(static_cast<std::size_t>(i)))}});
    return json_response(answer, Caching::for_ever);
}

}  // namespace

void add_proposer_priorities(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back(
        {Method::get, "/v1/proposer-priorities/{}",
         at_once([&node](const Request& request) { return priorities(node, request); })});
}

}  // namespace tallystick::node::api
