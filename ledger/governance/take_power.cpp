#include "ledger/governance/take_power.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/governance/nodes.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::TakePower& change, const CheckContext& /*context*/) {
    return check_authority_handle(change.authority());
}

Verdict judge(const pb::TakePower& change, const StateView& view) {
    const auto node = view.get(authority_node_key(change.authority()));
    ensure(node != nullptr, "every authority has a node");
    if (node->power() == 0) return Refusal::nothing_changes;
    if (!record_against_node(view, change.authority())) return Refusal::no_misbehaviour;
    if (powerful_nodes_without(view, change.authority()) < nodes_with_power_min)
        return Refusal::too_few_nodes_left;
    return std::nullopt;
}

void make(const pb::TakePower& change, const ChangePoint& /*point*/, Draft& draft) {
    const auto key = authority_node_key(change.authority());
    auto node = *draft.get(key);
    node.set_power(0);
    draft.put(key, std::move(node));
}

}  // namespace tallystick::ledger
