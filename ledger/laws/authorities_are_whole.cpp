#include <algorithm>

#include "ledger/laws/laws.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::ledger {

namespace {

using Fault = std::optional<std::string>;

/// As many as FORMATS.md allows; written out here, since a law shares nothing with what it watches.
constexpr int listed_max = 100;

bool is_in_list(const std::string& handle, const StateView& view) {
    const auto list = view.get(authorities_key());
    return list && std::ranges::find(list->handles(), handle) != list->handles().end();
}

bool is_of_authority(const pb::Account& account) {
    return account.roles_size() == 1 && account.roles(0) == pb::ROLE_AUTHORITY;
}

bool is_owned_by(const Key<pb::Owner>& key, const std::string& handle, const StateView& view) {
    const auto owner = view.get(key);
    return owner && owner->account() == handle;
}

Fault bad_node(const std::string& handle, const pb::Account& account, const pb::AuthorityNode& node,
               const StateView& view) {
    const auto key = PublicKey::from(node.public_key());
    if (!key) return "a node without a key";
    if (!is_owned_by(public_key_key(key->text()), handle, view))
        return "a node's key that is not its authority's alone";
    const auto address = sha256(node.public_key()).str().substr(0, ValidatorAddress::size);
    if (!is_owned_by(node_address_key(address), handle, view))
        return "a node's address that is not its authority's";
    const auto& signers = account.policy().keys();
    if (std::ranges::find(signers, node.public_key()) != signers.end())
        return "a node's key that also signs for the authority";
    return std::nullopt;
}

/// Every authority of the list in one piece, and somebody to sign blocks.
Fault bad_list(const pb::Authorities& list, const StateView& view) {
    if (list.handles_size() > listed_max) return "too many authorities";
    std::uint64_t powerful = 0;
    const std::string* last = nullptr;
    for (const auto& handle : list.handles()) {
        if (last && *last >= handle) return "authorities out of order";
        last = &handle;
        const auto account = view.get(account_key(handle));
        if (!account || !is_of_authority(*account)) return handle + " has no authority's account";
        if (!account->successor().empty()) return handle + " was removed";
        const auto node = view.get(authority_node_key(handle));
        if (!node) return handle + " has no node";
        if (auto what = bad_node(handle, *account, *node, view)) return handle + ": " + *what;
        if (node->power() > 0) ++powerful;
    }
    if (powerful == 0) return "no node has power";
    return std::nullopt;
}

/// Either it is an authority now, or it says who took over from it.
Fault bad_account(const std::string& key, const pb::Account& account, const StateView& view) {
    if (!is_of_authority(account))
        return account.successor().empty() ? Fault{} : Fault{"a successor of no authority"};
    const auto handle = parse_key(key)->parts[0];
    if (is_in_list(handle, view) != account.successor().empty())
        return "an authority both here and gone, or neither";
    if (account.successor().empty()) return std::nullopt;
    const auto successor = view.get(account_key(account.successor()));
    if (!successor || !is_of_authority(*successor)) return "a successor that is no authority";
    return std::nullopt;
}

Fault bad_handover(const pb::Handover& handover, const pb::Handover* before,
                   const ExecutedBlock& block) {
    const std::uint32_t last = before != nullptr ? before->segment() : 1;
    if (handover.segment() != last + 1) return "a segment that is not the next";
    if (handover.initial_height() != block.input.height + 2)
        return "a segment that begins elsewhere than behind the next block";
    std::uint64_t powerful = 0;
    for (const auto& handle : block.after.get(authorities_key())->handles())
        if (block.after.get(authority_node_key(handle))->power() > 0) ++powerful;
    if (static_cast<std::uint64_t>(handover.validators().validators_size()) != powerful)
        return "a segment that begins with others than the nodes with power";
    return std::nullopt;
}

/// A record of evidence says what it said, for ever. Under height 0 stands what there is against a
/// node now, which a vote can end.
Fault bad_record(const ChangedLeaf& leaf, const ExecutedBlock& block) {
    const auto height = parse_key(leaf.key)->parts[1];
    if (height == std::string(8, '\0')) return std::nullopt;
    if (leaf.before) return "a record of misbehaviour was altered";
    if (leaf.new_value<pb::MisbehaviourRecord>()->recorded_at() != block.input.height)
        return "a record of misbehaviour that another block brought";
    return std::nullopt;
}

/// Who is no longer in the list has a successor, and no node.
Fault bad_departure(const pb::Authorities& before, const ExecutedBlock& block) {
    for (const auto& handle : before.handles()) {
        if (is_in_list(handle, block.after)) continue;
        const auto account = block.after.get(account_key(handle));
        if (!account || account->successor().empty()) return handle + " left without a successor";
        if (block.after.get(authority_node_key(handle))) return handle + " left its node behind";
    }
    return std::nullopt;
}

Fault bad_leaf(const ChangedLeaf& leaf, const ExecutedBlock& block) {
    const auto kind = kind_of(leaf.key);
    if (kind == Kind::authorities)
        return bad_departure(leaf.old_or_default<pb::Authorities>(), block);
    if (kind == Kind::authority_node && leaf.after &&
        !is_in_list(parse_key(leaf.key)->parts[0], block.after))
        return "a node of no authority";
    if (kind == Kind::node_address && leaf.before) {
        const auto& after = leaf.new_or_default<pb::Owner>();
        if (after.account() != leaf.old_value<pb::Owner>()->account())
            return "a node's address passed on";
    }
    if (kind == Kind::handover)
        return leaf.after ? bad_handover(*leaf.new_value<pb::Handover>(),
                                         leaf.old_value<pb::Handover>(), block)
                          : Fault{"a handover is gone"};
    if (kind == Kind::misbehaviour) return bad_record(leaf, block);
    if (kind == Kind::parameters && leaf.new_or_default<pb::Parameters>().rule_set() <
                                        leaf.old_or_default<pb::Parameters>().rule_set())
        return "the rules went back";
    if (kind != Kind::account || !leaf.after) return std::nullopt;
    const auto& gone = leaf.old_or_default<pb::Account>().successor();
    if (!gone.empty() && leaf.new_value<pb::Account>()->successor() != gone)
        return "a removed authority got another successor";
    return bad_account(leaf.key, *leaf.new_value<pb::Account>(), block.after);
}

/// Does a change of this leaf touch an authority as a whole? Other accounts, and their keys, do
/// not.
bool touches_authorities(const ChangedLeaf& leaf) {
    const auto kind = kind_of(leaf.key);
    return kind == Kind::authorities || kind == Kind::authority_node ||
           (kind == Kind::account && is_of_authority(leaf.new_or_default<pb::Account>()));
}

}  // namespace

std::optional<Breach> AuthoritiesAreWhole::check_block(const ExecutedBlock& block) const {
    bool touched = false;
    for (const auto& leaf : block.leaves) {
        if (auto what = bad_leaf(leaf, block)) return breach(leaf.key, std::move(*what));
        touched = touched || touches_authorities(leaf);
    }
    if (!touched) return std::nullopt;
    const auto list = block.after.get(authorities_key());
    if (!list) return breach(authorities_key().bytes, "the list of authorities is gone");
    if (auto what = bad_list(*list, block.after))
        return breach(authorities_key().bytes, std::move(*what));
    return std::nullopt;
}

std::optional<Breach> AuthoritiesAreWhole::take_leaf(const std::string& key,
                                                     const google::protobuf::Message& value,
                                                     const StateView& view) {
    Fault what;
    const auto kind = kind_of(key);
    if (kind == Kind::authorities)
        what = bad_list(static_cast<const pb::Authorities&>(value), view);
    else if (kind == Kind::account)
        what = bad_account(key, static_cast<const pb::Account&>(value), view);
    else if (kind == Kind::authority_node && !is_in_list(parse_key(key)->parts[0], view))
        what = "a node of no authority";
    if (what) return breach(key, std::move(*what));
    return std::nullopt;
}

}  // namespace tallystick::ledger
