#include "node/api/json_of.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/bids: seals, and the lines that were revealed.
namespace tallystick::node::api {

namespace {

Json revealed_lines(const Snapshot& snapshot, const pb::Claim& bidder, std::uint32_t count) {
    Json lines = Json::array();
    for (std::uint32_t number = 0; number < count; ++number)
        if (const auto line = snapshot.state().get(revealed_line_key(bidder, number)))
            lines.push_back(revealed_line_json(bidder, number, *line));
    return lines;
}

Response list(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto page = PageRequest::from(parameters);
    const auto contract = ContractFilter::from(parameters);
    const auto supplier = parameters.handle("supplier");
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        return page_of_leaves(node, snapshot, contract.prefix(Kind::bid), page, Json::object(),
                              [&](const ParsedKey& key, std::string_view,
                                  std::string_view value) -> std::optional<Json> {
                                  if (supplier && key.parts[3] != *supplier) return std::nullopt;
                                  pb::Claim bidder;
                                  *bidder.mutable_contract() = contract_of_parts(key, 0);
                                  bidder.set_supplier(key.parts[3]);
                                  const auto bid = decoded<pb::Bid>(value);
                                  auto json = bid_json(bidder, bid);
                                  json["lines"] = revealed_lines(snapshot, bidder, bid.lines());
                                  return json;
                              });
    });
}

}  // namespace

void add_bids(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/bids",
                      at_once([&node](const Request& request) { return list(node, request); })});
}

}  // namespace tallystick::node::api
