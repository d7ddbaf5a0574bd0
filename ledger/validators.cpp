#include "ledger/validators.hpp"

#include <cstdint>
#include <map>
#include <string>

#include "protocol/ensure.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick::ledger {

pb::ValidatorSet validators_of(const StateView& state) {
    const auto authorities = state.get(authorities_key());
    ensure(authorities != nullptr, "a ledger has authorities");
    pb::ValidatorSet set;
    for (const auto& handle : authorities->handles()) {
        const auto node = state.get(authority_node_key(handle));
        ensure(node != nullptr, "every authority has a node");
        if (node->power() == 0) continue;
        auto& validator = *set.add_validators();
        validator.set_public_key(node->public_key());
        validator.set_power(static_cast<std::int64_t>(node->power()));
    }
    sort_validators(set);
    return set;
}

bool decides_validators(std::string_view key) noexcept {
    if (key.empty()) return false;
    const auto kind = static_cast<Kind>(static_cast<std::uint8_t>(key[0]));
    return kind == Kind::authorities || kind == Kind::authority_node;
}

std::vector<pb::Validator> validator_updates(const pb::ValidatorSet& before,
                                             const pb::ValidatorSet& after) {
    std::map<std::string, std::int64_t> old;
    for (const auto& validator : before.validators())
        old.emplace(validator.public_key(), validator.power());
    std::map<std::string, std::int64_t> changed;
    for (const auto& validator : after.validators()) {
        const auto found = old.find(validator.public_key());
        if (found == old.end() || found->second != validator.power())
            changed.emplace(validator.public_key(), validator.power());
        if (found != old.end()) old.erase(found);
    }
    for (const auto& [key, power] : old) changed.emplace(key, 0);

    std::vector<pb::Validator> updates;
    updates.reserve(changed.size());
    for (const auto& [key, power] : changed) {
        auto& update = updates.emplace_back();
        update.set_public_key(key);
        update.set_power(power);
    }
    return updates;
}

}  // namespace tallystick::ledger
