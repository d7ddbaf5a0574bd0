#include "node/api/reading.hpp"

#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"

namespace tallystick::node::api {

Json as_of_json(const NodeService& node, AsOf as_of) {
    Json json;
    json["chain_id"] = node.chain_id();
    json["height"] = as_of.height;
    json["time"] = as_of.time;
    return json;
}

AsOf as_of(const Snapshot& snapshot) {
    return {snapshot.height(), snapshot.time()};
}

Response with_snapshot(const NodeService& node,
                       const std::function<Response(const Snapshot&)>& answer) {
    const auto snapshot = node.snapshot();
    if (!snapshot) return problem_of(snapshot.error(), Code::internal_error, "");
    auto response = answer(**snapshot);
    // A damaged value read as absent: the answer may be false, so nobody gets it.
    if ((*snapshot)->is_damaged()) return problem_of(ReadError::damaged, Code::internal_error, "");
    return response;
}

std::string key_prefix(Kind kind, std::initializer_list<std::string_view> parts) {
    std::string key{static_cast<char>(kind)};
    for (const auto part : parts) {
        key.push_back(static_cast<char>(part.size() >> 8));
        key.push_back(static_cast<char>(part.size() & 0xff));
        key.append(part);
    }
    return key;
}

ContractFilter ContractFilter::from(Parameters& parameters) {
    ContractFilter filter;
    filter.authority = parameters.handle("authority");
    filter.ocid = parameters.ocid("ocid");
    filter.lot = parameters.lot("lot");
    if (filter.ocid && !filter.authority) parameters.refuse("authority", "given with an ocid");
    if (filter.lot && !filter.ocid) parameters.refuse("ocid", "given with a lot");
    if (filter.ocid && !filter.lot) filter.lot = "";
    return filter;
}

bool ContractFilter::fits(const pb::ContractId& contract) const {
    return (!authority || *authority == contract.authority()) &&
           (!ocid || *ocid == contract.ocid()) && (!lot || *lot == contract.lot());
}

std::string ContractFilter::prefix(Kind kind) const {
    if (ocid) return key_prefix(kind, {*authority, *ocid, *lot});
    if (authority) return key_prefix(kind, {*authority});
    return key_prefix(kind, {});
}

pb::ContractId contract_at(Parameters& parameters) {
    pb::ContractId contract;
    contract.set_authority(parameters.authority_at(0));
    contract.set_ocid(parameters.ocid_at(1));
    contract.set_lot(parameters.lot("lot").value_or(""));
    return contract;
}

Response unknown_account(std::string_view handle, const Snapshot& snapshot) {
    return problem(Code::unknown_account,
                   "No account " + std::string{handle} + " exists as of block " +
                       std::to_string(snapshot.height()) + ". Check the spelling of the handle.");
}

Response unknown_contract(const pb::ContractId& contract, const Snapshot& snapshot) {
    const auto lot = contract.lot().empty() ? "" : ", lot " + contract.lot() + ",";
    return problem(Code::unknown_contract,
                   contract.authority() + " has no contract " + contract.ocid() + lot +
                       " as of block " + std::to_string(snapshot.height()) +
                       ". Check ocid and lot; /v1/contracts lists what there is.");
}

PageRequest PageRequest::from(Parameters& parameters) {
    PageRequest page;
    page.limit = parameters.number("limit", 1, 1000, 100);
    if (const auto cursor = parameters.text("cursor")) {
        const auto start = from_hex(*cursor);
        if (!start || start->empty())
            parameters.refuse("cursor", "`next` of the page before");
        else
            page.start = *start;
    }
    return page;
}

std::string cursor_of(std::string_view place) {
    return hex(place);
}

Response page_of_leaves(const NodeService& node, const Snapshot& snapshot,
                        const std::string& prefix, const PageRequest& page, Json head,
                        const TakeLeaf& take) {
    Json answer;
    answer["as_of"] = as_of_json(node, as_of(snapshot));
    answer.update(head);
    Json items = Json::array();
    std::optional<std::string> next;
    std::size_t scanned = 0;
    snapshot.scan(prefix, page.start.empty() ? prefix : page.start,
                  [&](std::string_view key, std::string_view value) {
                      if (items.size() == page.limit || scanned++ == scanned_max) {
                          next = cursor_of(key);
                          return false;
                      }
                      const auto parsed = parse_key(key);
                      if (!parsed) return true;
                      if (auto item = take(*parsed, key, value)) items.push_back(std::move(*item));
                      return true;
                  });
    answer["items"] = std::move(items);
    if (next) answer["next"] = *next;
    return json_response(answer, Caching::revalidate, as_of(snapshot));
}

void for_each_leaf(const Snapshot& snapshot, const std::string& prefix,
                   const std::function<bool(const ParsedKey&, std::string_view key,
                                            std::string_view value)>& visit) {
    snapshot.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
        const auto parsed = parse_key(key);
        return !parsed || visit(*parsed, key, value);
    });
}

}  // namespace tallystick::node::api
