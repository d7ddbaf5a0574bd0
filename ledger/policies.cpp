#include "ledger/policies.hpp"

#include <algorithm>
#include <string>

#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

bool lists_key(const pb::Policy& policy, std::string_view key) {
    return std::ranges::find(policy.keys(), key) != policy.keys().end();
}

bool is_proved(const KeyProofs& proofs, std::string_view key) {
    return std::ranges::find(proofs, key, &pb::KeyProof::public_key) != proofs.end();
}

}  // namespace

bool is_any_identifier_taken(
    const StateView& view, const google::protobuf::RepeatedPtrField<pb::Identifier>& identifiers) {
    return std::ranges::any_of(identifiers, [&](const pb::Identifier& identifier) {
        return view.get(identifier_key(identifier)) != nullptr;
    });
}

bool is_any_key_taken(const StateView& view, const pb::Policy& policy) {
    return std::ranges::any_of(policy.keys(), [&](const std::string& key) {
        return view.get(public_key_key(key)) != nullptr;
    });
}

Verdict judge_new_policy(const StateView& view, const pb::Policy& before, const pb::Policy& after,
                         const KeyProofs& proofs) {
    const auto is_new = [&](const std::string& key) { return !lists_key(before, key); };
    const auto& keys = after.keys();
    if (std::ranges::any_of(
            keys, [&](const auto& key) { return is_new(key) && !is_proved(proofs, key); }))
        return Refusal::key_not_proved;
    // One key for two accounts would let one person's signature count for both organisations; a
    // node's key signs for the node alone.
    if (std::ranges::any_of(keys, [&](const auto& key) {
            return is_new(key) && view.get(public_key_key(key)) != nullptr;
        }))
        return Refusal::key_taken;
    return std::nullopt;
}

void put_account(Draft& draft, std::string_view handle, pb::Account account) {
    pb::Owner owner;
    owner.set_account(std::string{handle});
    for (const auto& identifier : account.identifiers())
        draft.put(identifier_key(identifier), owner);
    for (const auto& key : account.policy().keys()) draft.put(public_key_key(key), owner);
    draft.put(account_key(handle), std::move(account));
}

void replace_policy(Draft& draft, std::string_view handle, const pb::Policy& policy) {
    const auto before = draft.get(account_key(handle));
    ensure(before != nullptr, "only an account that is known has a policy");
    pb::Owner owner;
    owner.set_account(std::string{handle});
    for (const auto& key : before->policy().keys()) draft.erase(public_key_key(key));
    for (const auto& key : policy.keys()) draft.put(public_key_key(key), owner);
    auto account = *before;
    *account.mutable_policy() = policy;
    draft.put(account_key(handle), std::move(account));
}

}  // namespace tallystick::ledger
