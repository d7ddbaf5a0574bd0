#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/contracts and /v1/contracts/{authority}/{ocid}: contracts with price list and totals.
namespace tallystick::node::api {

namespace {

Response list(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto page = PageRequest::from(parameters);
    const auto authority = parameters.handle("authority");
    const auto phase = parameters.word("phase", {"open", "settling", "closed"}, "");
    if (auto fault = parameters.fault()) return std::move(*fault);
    const auto prefix =
        authority ? key_prefix(Kind::contract, {*authority}) : key_prefix(Kind::contract, {});
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        return page_of_leaves(
            node, snapshot, prefix, page, Json::object(),
            [&](const ParsedKey& key, std::string_view,
                std::string_view value) -> std::optional<Json> {
                const auto contract = decoded<pb::Contract>(value);
                if (!phase.empty() && phase != contract_phase(contract, snapshot.time()))
                    return std::nullopt;
                const auto id = contract_of_parts(key, 0);
                return contract_json(id, contract,
                                     snapshot.state().get_or_default(contract_totals_key(id)),
                                     snapshot.time());
            });
    });
}

Response show(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto id = contract_at(parameters);
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        const auto contract = snapshot.state().get(contract_key(id));
        if (!contract) return unknown_contract(id, snapshot);
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["contract"] =
            contract_json(id, *contract, snapshot.state().get_or_default(contract_totals_key(id)),
                          snapshot.time());
        answer["suppliers"] = Json::array();
        for_each_leaf(snapshot,
                      key_prefix(Kind::claim_totals, {id.authority(), id.ocid(), id.lot()}),
                      [&](const ParsedKey& key, std::string_view, std::string_view value) {
                          Json item;
                          item["supplier"] = key.parts[3];
                          item["totals"] = json_of(decoded<pb::Totals>(value));
                          answer["suppliers"].push_back(std::move(item));
                          return true;
                      });
        return json_response(answer, Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_contracts(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/contracts",
                      at_once([&node](const Request& request) { return list(node, request); })});
    routes.push_back({Method::get, "/v1/contracts/{}/{}",
                      at_once([&node](const Request& request) { return show(node, request); })});
}

}  // namespace tallystick::node::api
