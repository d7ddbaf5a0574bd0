#include <chrono>

#include "node/api/json_governing.hpp"
#include "node/api/json_of.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"
#include "protocol/governing.hpp"

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
    const auto current = snapshot.state().get_or_default(authorities_key());
    for (const auto& handle : current.handles()) {
        Json item;
        item["handle"] = handle;
        item["names"] = Json::array();
        if (const auto account = snapshot.state().get(account_key(handle)))
            item["names"] = account_json(handle, *account)["names"];
        const auto node = snapshot.state().get_or_default(authority_node_key(handle));
        item["node_key"] = hex(node.public_key());
        item["power"] = node.power();
        item["misbehaviour"] = misbehaviour_of(snapshot, handle);
        list.push_back(std::move(item));
    }
    return list;
}

/// The number at the end of a chain id, which is NAME-SEGMENT.
std::uint64_t segment_of(std::string_view chain_id) {
    const auto dash = chain_id.rfind('-');
    return dash == std::string_view::npos ? 0 : number_from(chain_id.substr(dash + 1)).value_or(0);
}

Json network_of(const NodeService& node, const Head& head, std::uint64_t now_seconds) {
    const auto state = node.network_state();
    const auto made_at = head.time_ms / 1000;
    Json json;
    json["engine"] = engine_name(state.engine);
    json["segment"] = segment_of(node.chain_id());
    json["makes_progress"] = state.makes_progress;
    json["catching_up"] = state.catching_up;
    json["observer"] = state.is_observer;
    json["peers"] = state.peers;
    json["waiting_envelopes"] = state.waiting_envelopes;
    json["head_age_seconds"] = now_seconds > made_at ? now_seconds - made_at : 0;
    json["not_ready"] = node.not_ready();
    return json;
}

/// Under solo one node signs a segment to its end, whoever is admitted meanwhile.
pb::ValidatorSet signing_set(const NodeService& node, std::uint64_t height) {
    if (node.network_state().engine == pb::ENGINE_SOLO)
        if (const auto block = node.light_block(height)) return block->validators();
    return node.validators();
}

Json validators_of(const NodeService& node, const Snapshot& snapshot) {
    Json list = Json::array();
    const auto current = signing_set(node, snapshot.height());
    for (const auto& validator : current.validators()) {
        Json item;
        item["public_key"] = hex(validator.public_key());
        item["address"] = address_text(validator.public_key());
        item["power"] = validator.power();
        if (const auto owner = snapshot.state().get(public_key_key(validator.public_key())))
            item["authority"] = owner->account();
        list.push_back(std::move(item));
    }
    return list;
}

/// After the snapshot's block, which need not be the newest any more.
pb::AppState app_state_of(const NodeService& node, const Head& head, const Snapshot& snapshot) {
    if (head.height != snapshot.height())
        if (const auto block = node.block(snapshot.height())) return block->app_state();
    return head.app_state;
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
    answer["first_height"] = node.kept_from().height;
    answer["first_log_index"] = node.kept_from().log_index;
    answer["node_time"] = now.count();
    answer["network"] = network_of(node, head, static_cast<std::uint64_t>(now.count()));
    answer["app_state"] = json_of(app_state_of(node, head, snapshot));
    answer["parameters"] = json_of(snapshot.state().get_or_default(parameters_key()));
    answer["parameters_coming"] = parameters_coming(snapshot);
    answer["authorities"] = authorities_of(snapshot);
    answer["validators"] = validators_of(node, snapshot);
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
