#include "ledger/governance/nodes.hpp"

#include "ledger/authorities.hpp"
#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

/// No block has this height: under it stands what there is against the node as it is now.
constexpr std::uint64_t now_height = 0;

std::string address_text(std::string_view public_key) {
    const auto key = PublicKey::from(public_key);
    ensure(key.has_value(), "a node's key was checked");
    return address_of(*key).str();
}

}  // namespace

bool is_node_key_taken(const StateView& view, std::string_view public_key) {
    return view.get(public_key_key(public_key)) != nullptr ||
           view.get(node_address_key(address_text(public_key))) != nullptr;
}

std::size_t powerful_nodes_without(const StateView& view, std::string_view authority) {
    std::size_t count = 0;
    for (const auto& handle : authorities_of(view)->handles()) {
        if (handle == authority) continue;
        const auto node = view.get(authority_node_key(handle));
        ensure(node != nullptr, "every authority has a node");
        if (node->power() > 0) ++count;
    }
    return count;
}

void put_node(Draft& draft, std::string_view authority, const pb::AuthorityNode& node) {
    const auto before = draft.get(authority_node_key(authority));
    if (before && before->public_key() != node.public_key())
        draft.erase(public_key_key(before->public_key()));
    if (draft.get(misbehaviour_key(authority, now_height)))
        draft.erase(misbehaviour_key(authority, now_height));
    pb::Owner owner;
    owner.set_account(std::string{authority});
    draft.put(public_key_key(node.public_key()), owner);
    draft.put(node_address_key(address_text(node.public_key())), owner);
    draft.put(authority_node_key(authority), node);
}

void erase_node(Draft& draft, std::string_view authority) {
    const auto before = draft.get(authority_node_key(authority));
    ensure(before != nullptr, "every authority has a node");
    draft.erase(public_key_key(before->public_key()));
    if (draft.get(misbehaviour_key(authority, now_height)))
        draft.erase(misbehaviour_key(authority, now_height));
    draft.erase(authority_node_key(authority));
}

std::shared_ptr<const pb::MisbehaviourRecord> record_against_node(const StateView& view,
                                                                  std::string_view authority) {
    return view.get(misbehaviour_key(authority, now_height));
}

std::optional<std::string> record_misbehaviour(const pb::Misbehaviour& report, std::uint64_t height,
                                               Draft& draft) {
    if (report.height() == now_height) return std::nullopt;
    const auto owner = draft.get(node_address_key(report.address()));
    if (!owner) return std::nullopt;
    const auto key = misbehaviour_key(owner->account(), report.height());
    if (draft.get(key)) return std::nullopt;

    pb::MisbehaviourRecord record;
    *record.mutable_misbehaviour() = report;
    record.set_recorded_at(height);
    draft.put(key, record);
    const auto node = draft.get(authority_node_key(owner->account()));
    if (node && address_text(node->public_key()) == report.address())
        draft.put(misbehaviour_key(owner->account(), now_height), std::move(record));
    return key.bytes;
}

}  // namespace tallystick::ledger
