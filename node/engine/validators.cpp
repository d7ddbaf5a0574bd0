#include "node/engine/validators.hpp"

#include "protocol/validator_set.hpp"

namespace tallystick::node {

pb::ValidatorSet genesis_validators(const pb::Genesis& genesis) {
    pb::ValidatorSet validators;
    for (const auto& authority : genesis.authorities()) {
        auto& validator = *validators.add_validators();
        validator.set_public_key(authority.node().public_key());
        validator.set_power(static_cast<std::int64_t>(authority.node().power()));
    }
    sort_validators(validators);
    return validators;
}

}  // namespace tallystick::node
