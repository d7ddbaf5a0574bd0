#include "model/cast.hpp"

#include <algorithm>

#include "ledger/state_machine.hpp"
#include "protocol/canonical.hpp"
#include "protocol/ensure.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::model {

const SigningKey& Keyring::key(std::string_view owner, std::uint64_t number) {
    const auto name = std::string{owner} + '#' + std::to_string(number);
    if (const auto known = public_keys_.find(name); known != public_keys_.end())
        return keys_.at(known->second);
    const auto seed = sha256("model key " + name);
    auto made = SigningKey::from_seed(seed.view());
    const auto public_key = made.public_key().str();
    public_keys_.emplace(name, public_key);
    return keys_.emplace(public_key, std::move(made)).first->second;
}

const SigningKey* Keyring::find(const std::string& public_key) const {
    const auto found = keys_.find(public_key);
    return found != keys_.end() ? &found->second : nullptr;
}

pb::Policy random_policy(Dice& dice, Keyring& keyring, std::string_view owner,
                         std::uint64_t first) {
    const bool several = dice.chance(40);
    std::vector<std::string> keys;
    for (std::uint64_t i = 0; i < (several ? 3U : 1U); ++i)
        keys.push_back(keyring.key(owner, first + i).public_key().str());
    std::ranges::sort(keys);
    pb::Policy policy;
    for (const auto& key : keys) policy.add_keys(key);
    policy.set_routine_threshold(several && dice.chance(50) ? 2 : 1);
    policy.set_above_threshold(several ? 2 : 1);
    policy.set_policy_threshold(several ? static_cast<std::uint32_t>(dice.between(2, 3)) : 1);
    policy.set_amount_limit(dice.chance(50) ? 100'000 : dice.below(5'000'000));
    return policy;
}

pb::KeyProof proof_of(const Keyring& keyring, const std::string& public_key,
                      const LedgerId& ledger_id, std::string_view account) {
    const auto* key = keyring.find(public_key);
    ensure(key != nullptr, "a proof is made of a key that the keyring made");
    const auto message = key_proof_message(ledger_id, account, public_key);
    pb::KeyProof proof;
    proof.set_public_key(public_key);
    proof.set_signature(key->sign(bytes_of(message)).str());
    return proof;
}

pb::Identifier identifier_of(std::string_view handle) {
    pb::Identifier identifier;
    identifier.set_scheme("GB-COH");
    identifier.set_id(std::string{handle});
    return identifier;
}

pb::DisplayName name_of(std::string_view handle) {
    pb::DisplayName name;
    name.set_language("en");
    name.set_text("The " + std::string{handle});
    return name;
}

const SigningKey& node_key(Keyring& keyring, std::string_view authority, std::uint64_t number) {
    return keyring.key("node of " + std::string{authority}, number);
}

namespace {

pb::Parameters short_windows(Dice& dice) {
    auto parameters = ledger::default_parameters();
    parameters.set_reveal_seconds(dice.between(2, 8) * hour);
    parameters.set_pass_on_seconds(dice.between(12, 36) * hour);
    parameters.set_answer_seconds(dice.between(8, 30) * hour);
    parameters.set_accepted_date_after_wanted_seconds_max(12 * hour);
    parameters.set_undelivered_seconds(dice.between(6, 36) * hour);
    parameters.set_settling_seconds(day);
    parameters.set_proposal_seconds(dice.between(6, 48) * hour);
    if (dice.chance(30))
        parameters.set_due_items_per_block_max(static_cast<std::uint32_t>(dice.between(1, 3)));
    if (dice.chance(30))
        parameters.set_refusals_per_account_per_block_max(
            static_cast<std::uint32_t>(dice.between(1, 2)));
    return parameters;
}

}  // namespace

Founding found_ledger(Dice& dice, Keyring& keyring) {
    static const std::vector<std::string> handles{"ashford", "barrow", "corby", "derby", "exeter"};
    Founding founding;
    auto& genesis = founding.genesis;
    genesis.set_name("model");
    genesis.set_time(genesis_time);
    *genesis.mutable_parameters() = short_windows(dice);
    const auto count = dice.chance(30) ? 1 : dice.between(1, handles.size());
    const bool solo = count == 1 && dice.chance(70);
    genesis.set_engine(solo ? pb::ENGINE_SOLO : pb::ENGINE_COMETBFT);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& handle = handles[i];
        auto& authority = *genesis.add_authorities();
        authority.set_handle(handle);
        *authority.add_identifiers() = identifier_of(handle);
        *authority.add_names() = name_of(handle);
        *authority.mutable_policy() = random_policy(dice, keyring, handle, 0);
        authority.mutable_node()->set_public_key(node_key(keyring, handle).public_key().str());
        authority.mutable_node()->set_power(dice.between(3, 5));
    }
    founding.file.set_genesis(canonical_bytes(genesis));
    founding.ledger_id = LedgerId{sha256(founding.file.genesis()).bytes};
    for (const auto& authority : genesis.authorities()) {
        auto& proofs = *founding.file.add_proofs();
        for (const auto& key : authority.policy().keys())
            *proofs.add_proofs() = proof_of(keyring, key, founding.ledger_id, authority.handle());
    }
    return founding;
}

}  // namespace tallystick::model
