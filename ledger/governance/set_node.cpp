#include "ledger/governance/set_node.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/governance/nodes.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::SetNode& change, const CheckContext& context) {
    if (const auto bad = check_authority_handle(change.authority())) return bad;
    if (const auto bad = check_node(change.node())) return bad;
    return check_node_proof(change.node_proof(), change.node(), context.ledger_id,
                            change.authority());
}

Verdict judge(const pb::SetNode& change, const StateView& view) {
    const auto before = view.get(authority_node_key(change.authority()));
    ensure(before != nullptr, "every authority has a node");
    const bool same_key = before->public_key() == change.node().public_key();
    if (same_key && before->power() == change.node().power()) return Refusal::nothing_changes;
    if (!same_key && is_node_key_taken(view, change.node().public_key())) return Refusal::key_taken;
    return std::nullopt;
}

void make(const pb::SetNode& change, const ChangePoint& /*point*/, Draft& draft) {
    put_node(draft, change.authority(), change.node());
}

}  // namespace tallystick::ledger
