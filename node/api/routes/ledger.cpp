#include <chrono>

#include "node/api/json_of.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/ledger: name, head, parameters, authorities and supply.
namespace tallystick::node::api {

namespace {

void add(pb::Totals& sum, const pb::Totals& totals) {
    sum.set_awarded(sum.awarded() + totals.awarded());
    sum.set_issued(sum.issued() + totals.issued());
    sum.set_available(sum.available() + totals.available());
    sum.set_reserved(sum.reserved() + totals.reserved());
    sum.set_disputed(sum.disputed() + totals.disputed());
    sum.set_confirmed(sum.confirmed() + totals.confirmed());
    sum.set_retired(sum.retired() + totals.retired());
    sum.set_expired(sum.expired() + totals.expired());
    sum.set_returned(sum.returned() + totals.returned());
}

pb::Totals supply_of(const Snapshot& snapshot) {
    pb::Totals supply;
    for_each_leaf(snapshot, key_prefix(Kind::contract_totals, {}),
                  [&](const ParsedKey&, std::string_view, std::string_view value) {
                      add(supply, decoded<pb::Totals>(value));
                      return true;
                  });
    return supply;
}

Json authorities_of(const Snapshot& snapshot) {
    Json list = Json::array();
    for_each_leaf(snapshot, key_prefix(Kind::authority_node, {}),
                  [&](const ParsedKey& key, std::string_view, std::string_view value) {
                      const auto node = decoded<pb::AuthorityNode>(value);
                      Json item;
                      item["handle"] = key.parts[0];
                      item["names"] = Json::array();
                      if (const auto account = snapshot.state().get(account_key(key.parts[0])))
                          item["names"] = account_json(key.parts[0], *account)["names"];
                      item["node_key"] = hex(node.public_key());
                      item["power"] = node.power();
                      list.push_back(std::move(item));
                      return true;
                  });
    return list;
}

Response ledger_answer(const NodeService& node, const Snapshot& snapshot) {
    const auto head = node.head();
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    Json answer;
    answer["as_of"] = as_of_json(node, as_of(snapshot));
    answer["name"] = node.genesis().name();
    answer["ledger_id"] = to_hex(node.ledger_id().view());
    answer["chain_id"] = node.chain_id();
    answer["provable_height"] = head.provable_height;
    answer["node_time"] = now.count();
    answer["app_state"] = json_of(head.app_state);
    answer["parameters"] = json_of(snapshot.state().get_or_default(parameters_key()));
    answer["authorities"] = authorities_of(snapshot);
    answer["supply"] = json_of(supply_of(snapshot));
    return json_response(answer, Caching::revalidate, as_of(snapshot));
}

}  // namespace

void add_ledger(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/ledger", at_once([&node](const Request& request) {
                          Parameters parameters{request};
                          if (auto fault = parameters.fault()) return std::move(*fault);
                          return with_snapshot(node, [&node](const Snapshot& snapshot) {
                              return ledger_answer(node, snapshot);
                          });
                      })});
}

}  // namespace tallystick::node::api
