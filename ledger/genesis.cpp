#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/parameters.hpp"
#include "ledger/state_machine.hpp"
#include "protocol/crypto.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::ledger {

namespace {

constexpr std::uint64_t day_seconds = 86'400;

/// The start of every chain id, which is NAME-SEGMENT.
bool is_ledger_name(std::string_view name) {
    return name.size() <= 32 && is_handle_part(name);
}

/// Within the bounds that a vote must keep too; and rules that this program knows.
bool are_parameters_valid(const pb::Parameters& parameters) {
    for (int number = 1; number <= pb::Parameter_MAX; ++number) {
        const auto parameter = static_cast<pb::Parameter>(number);
        if (!is_listed(parameter) || !is_within_bounds(parameter, value_of(parameters, parameter)))
            return false;
    }
    return parameters.rule_set() == rule_set_known;
}

bool is_authority_valid(const pb::GenesisAuthority& authority) {
    return !check_authority_handle(authority.handle()) &&
           !check_identifiers(authority.identifiers()) && !check_names(authority.names()) &&
           !check_policy(authority.policy()) && !check_node(authority.node());
}

/// Nothing belongs to two: identifiers, signers' keys, nodes' keys. A node's key signs only for the
/// node, never for an organisation.
bool is_nothing_shared(const pb::Genesis& genesis) {
    std::set<std::string> identifiers;
    std::set<std::string> keys;
    for (const auto& authority : genesis.authorities()) {
        for (const auto& identifier : authority.identifiers())
            if (!identifiers.insert(identifier_key(identifier).bytes).second) return false;
        for (const auto& key : authority.policy().keys())
            if (!keys.insert(key).second) return false;
        if (!keys.insert(authority.node().public_key()).second) return false;
    }
    return true;
}

bool is_valid(const pb::Genesis& genesis) {
    const auto& authorities = genesis.authorities();
    if (!is_ledger_name(genesis.name()) || check_time(genesis.time())) return false;
    if (!are_parameters_valid(genesis.parameters())) return false;
    if (authorities.empty() || authorities.size() > authorities_max) return false;
    // Solo's one signer would answer to the others in nothing.
    if (genesis.engine() != pb::ENGINE_COMETBFT && authorities.size() != 1) return false;
    if (!std::ranges::all_of(authorities, is_authority_valid)) return false;
    const auto disorder = std::ranges::adjacent_find(authorities, std::ranges::greater_equal{},
                                                     &pb::GenesisAuthority::handle);
    return disorder == authorities.end() && is_nothing_shared(genesis);
}

template <class Value>
void put(Changes& leaves, const Key<Value>& key, Value value) {
    leaves[key.bytes] = std::make_shared<const Value>(std::move(value));
}

void put_authority(Changes& leaves, const pb::GenesisAuthority& authority, std::uint64_t time) {
    pb::Account account;
    account.add_roles(pb::ROLE_AUTHORITY);
    *account.mutable_identifiers() = authority.identifiers();
    *account.mutable_names() = authority.names();
    *account.mutable_policy() = authority.policy();
    account.set_registered_at(time);
    put(leaves, account_key(authority.handle()), std::move(account));

    pb::Owner owner;
    owner.set_account(authority.handle());
    for (const auto& identifier : authority.identifiers())
        put(leaves, identifier_key(identifier), owner);
    for (const auto& key : authority.policy().keys()) put(leaves, public_key_key(key), owner);

    // A node's key signs for the node alone, so nobody else may have it; its address stays known
    // for ever, since evidence against it may come late.
    const auto node_key = PublicKey::from(authority.node().public_key());
    ensure(node_key.has_value(), "a node's key was checked");
    put(leaves, public_key_key(node_key->text()), owner);
    put(leaves, node_address_key(address_of(*node_key).text()), owner);
    put(leaves, authority_node_key(authority.handle()), authority.node());
}

}  // namespace

std::optional<Changes> genesis_state(const pb::Genesis& genesis) {
    if (!is_valid(genesis)) return std::nullopt;
    Changes leaves;
    put(leaves, parameters_key(), genesis.parameters());
    pb::Authorities authorities;
    for (const auto& authority : genesis.authorities()) {
        authorities.add_handles(authority.handle());
        put_authority(leaves, authority, genesis.time());
    }
    put(leaves, authorities_key(), std::move(authorities));
    return leaves;
}

pb::Parameters default_parameters() {
    pb::Parameters parameters;
    parameters.set_rule_set(rule_set_known);
    parameters.set_reveal_seconds(3 * day_seconds);
    parameters.set_pass_on_seconds(30 * day_seconds);
    parameters.set_answer_seconds(14 * day_seconds);
    parameters.set_accepted_date_after_wanted_seconds_max(30 * day_seconds);
    parameters.set_undelivered_seconds(60 * day_seconds);
    parameters.set_settling_seconds(90 * day_seconds);
    parameters.set_due_items_per_block_max(1'000);
    parameters.set_refusals_per_account_per_block_max(64);
    parameters.set_trusting_period_seconds(30 * day_seconds);
    parameters.set_proposal_seconds(30 * day_seconds);
    return parameters;
}

}  // namespace tallystick::ledger
