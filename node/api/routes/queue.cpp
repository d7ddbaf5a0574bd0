#include "ledger/reports/queue.hpp"

#include "node/api/json_of.hpp"
#include "node/api/leaves.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"
#include "protocol/governing.hpp"

/// GET /v1/queue: what waits for whom, since when.
namespace tallystick::node::api {

namespace {

using ledger::Waiting;

std::string_view task_name(Waiting waiting) {
    switch (waiting) {
        case Waiting::application: return "decide_application";
        case Waiting::bid: return "award";
        case Waiting::answer: return "answer_redemption";
        case Waiting::delivery: return "deliver";
        case Waiting::confirmation: return "confirm_delivery";
        case Waiting::verification: return "verify_delivery";
        case Waiting::resolution: return "resolve_dispute";
        case Waiting::vote: return "vote";
    }
    return "";
}

Json& add_proposal(Json& json, const std::string& id, const Snapshot& snapshot) {
    json["key"] = hex(proposal_key(id).bytes);
    json["id"] = hex(id);
    if (const auto proposal = snapshot.state().get(proposal_key(id))) {
        json["proposer"] = proposal->proposer();
        json["change"] = change_name(proposal->change());
        json["words"] = change_in_words(proposal->change());
    }
    return json;
}

Json item_json(const ledger::QueueItem& item, const Snapshot& snapshot) {
    Json json;
    json["task"] = task_name(item.waiting);
    json["waits_for"] = item.waits_for;
    json["since"] = item.since;
    if (item.until != 0) json["until"] = item.until;
    if (item.waiting == Waiting::vote) return add_proposal(json, item.proposal, snapshot);
    json["contract"] = json_of(item.contract);
    if (item.waiting == Waiting::application) {
        json["key"] = hex(accreditation_key(item.contract, item.from).bytes);
        json["project"] = item.from;
        return json;
    }
    json["quantity"] = item.units;
    json["value"] = amount_text(item.hundredths);
    if (item.waiting == Waiting::bid) {
        pb::Claim bidder;
        *bidder.mutable_contract() = item.contract;
        bidder.set_supplier(item.from);
        json["key"] = hex(bid_key(bidder).bytes);
        json["supplier"] = item.from;
        return json;
    }
    json["key"] = hex(redemption_line_key(item.redemption, item.line).bytes);
    json["id"] = hex(item.redemption);
    json["line"] = item.line;
    json["resource"] = item.resource;
    json["project"] = item.from;
    if (const auto redemption = snapshot.state().get(redemption_key(item.redemption)))
        json["supplier"] = redemption->claim().supplier();
    return json;
}

Response queue(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto account = parameters.required("account", parameters.handle("account"));
    const auto limit = parameters.number("limit", 1, 1000, 100);
    const auto first = parameters.number("cursor", 0, UINT32_MAX, 0);
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        if (!snapshot.state().get(account_key(account))) return unknown_account(account, snapshot);
        const SnapshotLeaves leaves{snapshot};
        const auto items = ledger::queue_of(leaves, account);
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["account"] = account;
        answer["items"] = Json::array();
        auto at = first;
        for (; at < items.size() && answer["items"].size() < limit; ++at)
            answer["items"].push_back(item_json(items[at], snapshot));
        if (at < items.size()) answer["next"] = std::to_string(at);
        return json_response(answer, Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_queue(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/queue",
                      at_once([&node](const Request& request) { return queue(node, request); })});
}

}  // namespace tallystick::node::api
