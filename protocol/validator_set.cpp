#include "protocol/validator_set.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "protocol/crypto.hpp"
#include "protocol/merkle.hpp"
#include "protocol/wire.hpp"

namespace tallystick {

namespace {

/// What the order of a set goes by.
struct Rank {
    std::int64_t power;
    std::string address;

    explicit Rank(const pb::Validator& validator)
        : power(validator.power()),
          address(sha256(validator.public_key()).str().substr(0, ValidatorAddress::size)) {}
    [[nodiscard]] bool before(const Rank& other) const {
        if (power != other.power) return power > other.power;
        return address < other.address;
    }
};

}  // namespace

void sort_validators(pb::ValidatorSet& validators) {
    auto& list = *validators.mutable_validators();
    std::sort(list.begin(), list.end(), [](const pb::Validator& a, const pb::Validator& b) {
        return Rank{a}.before(Rank{b});
    });
}

Result<std::int64_t, ChainFault> check_validators(const pb::ValidatorSet& validators) {
    const auto& list = validators.validators();
    if (list.empty() || list.size() > validators_max) return Failure{ChainFault::bad_validator_set};

    std::int64_t total = 0;
    std::set<std::string> keys;
    for (int i = 0; i < list.size(); ++i) {
        const auto& validator = list[i];
        const auto key = PublicKey::from(validator.public_key());
        // With a key of small order anyone could sign as this validator.
        if (!key || !is_valid_authority_key(*key) || validator.power() < 1)
            return Failure{ChainFault::bad_validator_set};
        // A key that stands twice would count twice.
        if (!keys.insert(validator.public_key()).second)
            return Failure{ChainFault::bad_validator_set};
        // Both are at most INT64_MAX / 8 here, so the sum cannot overflow.
        if (validator.power() > total_power_max - total)
            return Failure{ChainFault::bad_validator_set};
        total += validator.power();
        if (i > 0 && !Rank{list[i - 1]}.before(Rank{validator}))
            return Failure{ChainFault::bad_validator_set};
    }
    return total;
}

Hash validators_hash(const pb::ValidatorSet& validators) {
    merkle::Frontier frontier;
    for (const auto& validator : validators.validators()) {
        std::string key;
        wire::put_message(key, 1, validator.public_key());
        std::string leaf;
        wire::put_message(leaf, 1, key);
        wire::put_signed(leaf, 2, validator.power());
        frontier.append(merkle::leaf_hash(leaf));
    }
    return frontier.root();
}

std::optional<ValidatorAddress> address_of(const pb::Validator& validator) {
    const auto key = PublicKey::from(validator.public_key());
    if (!key) return std::nullopt;
    return address_of(*key);
}

bool is_two_thirds_majority(std::int64_t power, std::int64_t total) noexcept {
    return power > total * 2 / 3;
}

bool is_over_a_third(std::int64_t power, std::int64_t total) noexcept {
    return power > total / 3;
}

}  // namespace tallystick
