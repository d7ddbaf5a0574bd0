#include "node/engine/cometbft/proposer_priorities.hpp"

#include <optional>

#include "protocol/crypto.hpp"

namespace tallystick::node {
namespace {

/// Nothing if the engine has another set for the block than its header hashes.
std::optional<std::vector<std::int64_t>> in_order_of(const pb::ValidatorSet& validators,
                                                     const std::vector<EngineValidator>& known) {
    if (known.size() != static_cast<std::size_t>(validators.validators_size())) return std::nullopt;
    std::vector<std::int64_t> priorities;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto& validator = validators.validators(static_cast<int>(i));
        const auto key = PublicKey::from(validator.public_key());
        if (!key || to_hex(address_of(*key).view()) != known[i].id ||
            static_cast<std::uint64_t>(validator.power()) != known[i].power)
            return std::nullopt;
        priorities.push_back(known[i].priority);
    }
    return priorities;
}

}  // namespace

Result<std::vector<std::int64_t>, ReadError> ProposerPriorities::at(
    std::uint64_t height, const pb::ValidatorSet& validators) {
    const std::unique_lock lock{mutex_, wait_max};
    if (!lock) return Failure{ReadError::unavailable};
    auto known = remembered_.find(height);
    if (known == remembered_.end()) {
        auto asked = client_.validators_at(height);
        if (!asked) return Failure{ReadError::not_found};
        if (remembered_.size() >= remembered_max) remembered_.erase(remembered_.begin());
        known = remembered_.emplace(height, std::move(*asked)).first;
    }
    auto priorities = in_order_of(validators, known->second);
    if (!priorities) return Failure{ReadError::not_found};
    return std::move(*priorities);
}

}  // namespace tallystick::node
