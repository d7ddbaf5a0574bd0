#include <algorithm>
#include <set>

#include "node/api/json_governing.hpp"
#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/authorities: who governs the ledger.
namespace tallystick::node::api {

namespace {

/// Handles of those that a proposal removed.
void add_removed(const Snapshot& snapshot, std::set<std::string>& handles) {
    for_each_leaf(snapshot, key_prefix(Kind::proposal, {}),
                  [&](const ParsedKey&, std::string_view, std::string_view value) {
                      const auto proposal = decoded<pb::Proposal>(value);
                      if (proposal.status() == pb::PROPOSAL_STATUS_IN_FORCE &&
                          proposal.change().has_remove_authority())
                          handles.insert(proposal.change().remove_authority().authority());
                      return true;
                  });
}

Response list(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto page = PageRequest::from(parameters);
    const bool all = parameters.flag("all").value_or(false);
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        const auto current = snapshot.state().get_or_default(authorities_key());
        std::set<std::string> handles{current.handles().begin(), current.handles().end()};
        if (all) add_removed(snapshot, handles);
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["items"] = Json::array();
        for (auto handle = handles.lower_bound(page.start); handle != handles.end(); ++handle) {
            if (answer["items"].size() == page.limit) {
                answer["next"] = cursor_of(*handle);
                break;
            }
            if (const auto account = snapshot.state().get(account_key(*handle)))
                answer["items"].push_back(authority_json(snapshot, *handle, *account));
        }
        return json_response(answer, Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_authorities(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/authorities",
                      at_once([&node](const Request& request) { return list(node, request); })});
}

}  // namespace tallystick::node::api
