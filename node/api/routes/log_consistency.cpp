#include "node/api/json_of.hpp"
#include "node/api/parameters.hpp"
#include "node/api/problem.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/target.hpp"

/// GET /v1/log/consistency: the log only grew (RFC 6962).
namespace tallystick::node::api {

namespace {

Response consistency(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto first = parameters.required_number("first");
    const auto second = parameters.required_number("second");
    if (auto fault = parameters.fault()) return std::move(*fault);
    const auto proof = node.prove_consistency(first, second);
    if (!proof)
        return problem_of(proof.error(), Code::log_sizes_out_of_range,
                          "`first` must not be above `second`, and both must be sizes that some "
                          "block left the log with; the newest is " +
                              std::to_string(node.head().app_state.log_size()) + ".");
    if (names(request.accept, content::protobuf)) {
        pb::ConsistencyProof message;
        message.set_first(proof->first);
        message.set_second(proof->second);
        message.set_first_root(proof->first_root.str());
        message.set_second_root(proof->second_root.str());
        for (const auto& hash : proof->path) message.add_path(hash.str());
        Response response;
        response.content_type = content::protobuf;
        response.body = message.SerializeAsString();
        response.caching = Caching::revalidate;
        return response;
    }
    Json answer;
    answer["first"] = proof->first;
    answer["second"] = proof->second;
    answer["first_root"] = to_hex(proof->first_root.view());
    answer["second_root"] = to_hex(proof->second_root.view());
    answer["path"] = Json::array();
    for (const auto& hash : proof->path) answer["path"].push_back(to_hex(hash.view()));
    return json_response(answer, Caching::revalidate);
}

}  // namespace

void add_log_consistency(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/log/consistency", at_once([&node](const Request& request) {
                          return consistency(node, request);
                      })});
}

}  // namespace tallystick::node::api
