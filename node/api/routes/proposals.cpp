#include "node/api/json_governing.hpp"
#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/proposals and /v1/proposals/{id}: what the authorities vote on.
namespace tallystick::node::api {

namespace {

Response list(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto page = PageRequest::from(parameters);
    const auto status =
        parameters.word("status", {"open", "decided", "in_force", "lapsed", "failed"}, "");
    const auto voter = parameters.handle("waits_for");
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        return page_of_leaves(
            node, snapshot, key_prefix(Kind::proposal, {}), page, Json::object(),
            [&](const ParsedKey& key, std::string_view,
                std::string_view value) -> std::optional<Json> {
                const auto proposal = decoded<pb::Proposal>(value);
                if ((!status.empty() && status != proposal_status_name(proposal.status())) ||
                    (voter && !waits_for(snapshot, proposal, *voter)))
                    return std::nullopt;
                return proposal_json(snapshot, key.parts[0], proposal);
            });
    });
}

Response show(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto id = parameters.id_at(0).str();
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        const auto proposal = snapshot.state().get(proposal_key(id));
        if (!proposal)
            return problem(Code::unknown_proposal,
                           "A proposal is named by the id of the envelope that made it.");
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["proposal"] = proposal_json(snapshot, id, *proposal);
        return json_response(answer, Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_proposals(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/proposals",
                      at_once([&node](const Request& request) { return list(node, request); })});
    routes.push_back({Method::get, "/v1/proposals/{}",
                      at_once([&node](const Request& request) { return show(node, request); })});
}

}  // namespace tallystick::node::api
