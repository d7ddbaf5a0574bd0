#include <algorithm>
#include <functional>

#include "protocol/envelope.hpp"

namespace tallystick {

namespace {

constexpr int policy_keys_max = 16;

}  // namespace

std::uint32_t threshold_of(const pb::Policy& policy, PolicyClass policy_class) noexcept {
    switch (policy_class) {
        case PolicyClass::routine: return policy.routine_threshold();
        case PolicyClass::above_limit: return policy.above_threshold();
        case PolicyClass::policy_change: return policy.policy_threshold();
    }
    stop_on_bug("a class of policy that is not listed");
}

bool is_satisfied(const pb::Policy& policy, PolicyClass policy_class,
                  const std::vector<std::string>& signers) {
    // A threshold of 0 would let anyone act for the account.
    const auto threshold = threshold_of(policy, policy_class);
    if (threshold == 0) return false;
    std::uint32_t signed_by = 0;
    auto signer = signers.begin();
    for (const auto& key : policy.keys()) {
        signer = std::lower_bound(signer, signers.end(), key);
        if (signer != signers.end() && *signer == key) ++signed_by;
    }
    return signed_by >= threshold;
}

PolicyClass class_of(const pb::Policy& policy, std::uint64_t hundredths,
                     bool changes_policy) noexcept {
    if (changes_policy) return PolicyClass::policy_change;
    return hundredths > policy.amount_limit() ? PolicyClass::above_limit : PolicyClass::routine;
}

bool is_well_formed(const pb::Policy& policy) noexcept {
    if (policy.keys_size() < 1 || policy.keys_size() > policy_keys_max) return false;
    const auto has_right_size = [](const std::string& key) {
        return key.size() == PublicKey::size;
    };
    // Strictly ascending: a key that stands twice would count twice.
    if (!std::ranges::all_of(policy.keys(), has_right_size) ||
        std::ranges::adjacent_find(policy.keys(), std::greater_equal<>{}) != policy.keys().end()) {
        return false;
    }
    const auto keys = static_cast<std::uint32_t>(policy.keys_size());
    return policy.routine_threshold() >= 1 &&
           policy.above_threshold() >= policy.routine_threshold() &&
           policy.policy_threshold() >= policy.routine_threshold() &&
           policy.above_threshold() <= keys && policy.policy_threshold() <= keys &&
           Amount::from(policy.amount_limit()).has_value();
}

std::string key_proof_message(const LedgerId& ledger_id, std::string_view account,
                              std::string_view public_key) {
    return tagged_message(domain::key_proof, {ledger_id.text(), account, public_key});
}

bool verify_key_proof(const pb::KeyProof& proof, const LedgerId& ledger_id,
                      std::string_view account) {
    const auto key = PublicKey::from(proof.public_key());
    const auto signature = SignatureBytes::from(proof.signature());
    if (!key || !signature) return false;
    const auto message = key_proof_message(ledger_id, account, proof.public_key());
    return verify_signature(*key, bytes_of(message), *signature);
}

}  // namespace tallystick
