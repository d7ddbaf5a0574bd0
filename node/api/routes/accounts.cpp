#include <algorithm>

#include "node/api/json_governing.hpp"
#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/accounts and /v1/accounts/{handle}: organisations of the ledger.
namespace tallystick::node::api {

namespace {

struct Filter {
    std::optional<std::string> authority;
    std::string role;

    [[nodiscard]] bool fits(std::string_view handle, const pb::Account& account) const {
        if (authority && handle != *authority && !handle.starts_with(*authority + "/"))
            return false;
        return role.empty() || std::ranges::any_of(account.roles(), [this](int value) {
                   return role_name(value) == role;
               });
    }
};

/// The one account that has an identifier, as a list.
Response by_identifier(const NodeService& node, const Snapshot& snapshot,
                       const pb::Identifier& identifier, const Filter& filter) {
    Json answer;
    answer["as_of"] = as_of_json(node, as_of(snapshot));
    answer["items"] = Json::array();
    if (const auto owner = snapshot.state().get(identifier_key(identifier))) {
        const auto account = snapshot.state().get(account_key(owner->account()));
        if (account && filter.fits(owner->account(), *account))
            answer["items"].push_back(whole_account_json(snapshot, owner->account(), *account));
    }
    return json_response(answer, Caching::revalidate, as_of(snapshot));
}

Response list(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto page = PageRequest::from(parameters);
    Filter filter;
    filter.authority = parameters.handle("authority");
    filter.role = parameters.word("role", {"authority", "supplier", "project"}, "");
    pb::Identifier identifier;
    identifier.set_scheme(parameters.text("scheme").value_or(""));
    identifier.set_id(parameters.text("id").value_or(""));
    if (identifier.scheme().empty() != identifier.id().empty())
        parameters.refuse("scheme", "given together with id");
    if (identifier.scheme().size() > 256 || identifier.id().size() > 256)
        parameters.refuse("id", "shorter");
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        if (!identifier.scheme().empty()) return by_identifier(node, snapshot, identifier, filter);
        return page_of_leaves(node, snapshot, key_prefix(Kind::account, {}), page, Json::object(),
                              [&](const ParsedKey& key, std::string_view,
                                  std::string_view value) -> std::optional<Json> {
                                  const auto account = decoded<pb::Account>(value);
                                  if (!filter.fits(key.parts[0], account)) return std::nullopt;
                                  return whole_account_json(snapshot, key.parts[0], account);
                              });
    });
}

Response show(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto handle = parameters.handle_at(0);
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        const auto account = snapshot.state().get(account_key(handle));
        if (!account) return unknown_account(handle, snapshot);
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["account"] = whole_account_json(snapshot, handle, *account);
        return json_response(answer, Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_accounts(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/accounts",
                      at_once([&node](const Request& request) { return list(node, request); })});
    routes.push_back({Method::get, "/v1/accounts/{}",
                      at_once([&node](const Request& request) { return show(node, request); })});
}

}  // namespace tallystick::node::api
