#include <algorithm>

#include "ledger/laws/laws.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::ledger {

namespace {

std::optional<std::string> bad_account(const std::string& key, const pb::Account& account,
                                       const StateView& view) {
    const auto handle = parse_key(key)->parts[0];
    if (!is_well_formed(account.policy())) return "a policy that its signers cannot satisfy";
    for (const auto& public_key : account.policy().keys()) {
        const auto owner = view.get(public_key_key(public_key));
        if (!owner || owner->account() != handle)
            return "a key that is not this account's alone: " + to_hex(bytes_of(public_key));
    }
    for (const auto& identifier : account.identifiers()) {
        const auto owner = view.get(identifier_key(identifier));
        if (!owner || owner->account() != handle)
            return "an identifier that is not this account's alone: " + identifier.scheme() + " " +
                   identifier.id();
    }
    return std::nullopt;
}

/// Among its signers, or as its node's.
bool lists_key(const std::string& account, const std::string& public_key, const StateView& view) {
    const auto found = view.get(account_key(account));
    if (found &&
        std::ranges::find(found->policy().keys(), public_key) != found->policy().keys().end())
        return true;
    const auto node = view.get(authority_node_key(account));
    return node && node->public_key() == public_key;
}

/// A key changes hands only by being given up: whoever had it no longer lists it, whoever has it
/// does. It may be free again, or somebody else's within the same block.
bool is_given_up_and_taken(const ChangedLeaf& leaf, const StateView& view) {
    const auto public_key = parse_key(leaf.key)->parts[0];
    const auto* before = leaf.old_value<pb::Owner>();
    const auto* after = leaf.new_value<pb::Owner>();
    if (after && !lists_key(after->account(), public_key, view)) return false;
    const bool stays = before && after && before->account() == after->account();
    return !before || stays || !lists_key(before->account(), public_key, view);
}

}  // namespace

std::optional<Breach> KeysServeOne::check_block(const ExecutedBlock& block) const {
    for (const auto& leaf : block.leaves) {
        const auto kind = kind_of(leaf.key);
        if (kind == Kind::account) {
            if (!leaf.after) return breach(leaf.key, "an account is gone");
            if (auto what = bad_account(leaf.key, *leaf.new_value<pb::Account>(), block.after))
                return breach(leaf.key, std::move(*what));
        } else if (kind == Kind::public_key && !is_given_up_and_taken(leaf, block.after)) {
            return breach(leaf.key, "passed from one account to another");
        } else if (kind == Kind::identifier && leaf.before &&
                   leaf.new_or_default<pb::Owner>().account() !=
                       leaf.old_value<pb::Owner>()->account()) {
            return breach(leaf.key, "passed from one account to another");
        }
    }
    return std::nullopt;
}

std::optional<Breach> KeysServeOne::take_leaf(const std::string& key,
                                              const google::protobuf::Message& value,
                                              const StateView& view) {
    if (kind_of(key) == Kind::account) {
        if (auto what = bad_account(key, static_cast<const pb::Account&>(value), view))
            return breach(key, std::move(*what));
    }
    return std::nullopt;
}

}  // namespace tallystick::ledger
