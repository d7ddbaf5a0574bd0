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

}  // namespace

std::optional<Breach> KeysServeOne::check_block(const ExecutedBlock& block) const {
    for (const auto& leaf : block.leaves) {
        const auto kind = kind_of(leaf.key);
        if (kind == Kind::account) {
            if (!leaf.after) return breach(leaf.key, "an account is gone");
            if (auto what = bad_account(leaf.key, *leaf.new_value<pb::Account>(), block.after))
                return breach(leaf.key, std::move(*what));
        } else if ((kind == Kind::public_key || kind == Kind::identifier) && leaf.before &&
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
