#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/accounts/{handle}/balances: what an account holds, by claim.
namespace tallystick::node::api {

namespace {

pb::Balance total_of(const Snapshot& snapshot, const std::string& prefix) {
    pb::Balance total;
    for_each_leaf(snapshot, prefix,
                  [&](const ParsedKey&, std::string_view, std::string_view value) {
                      const auto balance = decoded<pb::Balance>(value);
                      total.set_available(total.available() + balance.available());
                      total.set_reserved(total.reserved() + balance.reserved());
                      total.set_disputed(total.disputed() + balance.disputed());
                      total.set_confirmed(total.confirmed() + balance.confirmed());
                      return true;
                  });
    return total;
}

Response balances(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto handle = parameters.handle_at(0);
    const auto page = PageRequest::from(parameters);
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        if (!snapshot.state().get(account_key(handle))) return unknown_account(handle, snapshot);
        const auto prefix = key_prefix(Kind::balance, {handle});
        Json head;
        head["account"] = handle;
        head["total"] = json_of(total_of(snapshot, prefix));
        return page_of_leaves(node, snapshot, prefix, page, std::move(head),
                              [](const ParsedKey& key, std::string_view key_bytes,
                                 std::string_view value) -> std::optional<Json> {
                                  return balance_json(key, key_bytes, decoded<pb::Balance>(value));
                              });
    });
}

}  // namespace

void add_balances(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back(
        {Method::get, "/v1/accounts/{}/balances",
         at_once([&node](const Request& request) { return balances(node, request); })});
}

}  // namespace tallystick::node::api
