#include "protocol/light_client.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick {

namespace {

/// What needs no signature: same chain, later, and the announced set if it is the next block.
Result<void, ChainFault> check_order(const TrustedBlock& trusted, const pb::Header& next) {
    if (next.chain_id() != trusted.chain_id) return Failure{ChainFault::other_chain};
    if (next.height() <= trusted.height) return Failure{ChainFault::height_not_increasing};
    if (compare(next.time(), trusted.time) <= 0) return Failure{ChainFault::time_not_increasing};
    if (next.height() - 1 == trusted.height &&
        next.validators_hash() != trusted.next_validators_hash.text())
        return Failure{ChainFault::next_validators_mismatch};
    return {};
}

/// Did more than a third of the trusted power sign? Keys count, once each, with their trusted
/// power.
bool is_trusted_by_a_third(const TrustedBlock& trusted, const pb::LightBlock& next,
                           const CommitPower& power) {
    std::map<std::string, std::int64_t> trusted_powers;
    for (const auto& validator : trusted.validators.validators())
        trusted_powers.emplace(validator.public_key(), validator.power());
    const auto total = check_validators(trusted.validators);
    if (!total) return false;
    std::int64_t signed_power = 0;
    for (const auto index : power.signers) {
        const auto known = trusted_powers.find(next.validators().validators(index).public_key());
        if (known != trusted_powers.end()) signed_power += known->second;
    }
    return is_over_a_third(signed_power, *total);
}

/// `time` and so much more; for comparing only, it may lie past the year 9999. @pre valid `time`.
pb::Timestamp later(const pb::Timestamp& time, std::uint64_t seconds, std::uint32_t nanos) {
    // Both seconds are below 2^38 here, so the sum is far from overflowing.
    const auto bounded = static_cast<std::int64_t>(std::min(seconds, seconds_max));
    const auto sum = std::int64_t{time.nanos()} + std::int64_t{nanos};
    return make_timestamp(time.seconds() + bounded + sum / 1000000000,
                          static_cast<std::int32_t>(sum % 1000000000));
}

}  // namespace

TrustedBlock trusted_from(const pb::LightBlock& block) {
    const auto next = Hash::from(block.header().next_validators_hash());
    ensure(next.has_value(), "a verified header has the hash of the next validators");
    return {block.header().chain_id(),
            block.header().height(),
            block.header().time(),
            header_hash(block.header()),
            *next,
            block.validators()};
}

Result<CommitPower, ChainFault> verify_step(const TrustedBlock& trusted, const pb::LightBlock& next,
                                            SlotRule rule) {
    if (!next.has_header()) return Failure{ChainFault::incomplete};
    if (const auto checked = check_header(next.header()); !checked) return Failure{checked.error()};
    if (const auto order = check_order(trusted, next.header()); !order)
        return Failure{order.error()};
    auto power = verify_signatures_of(next, rule);
    if (!power) return power;
    if (next.header().height() - 1 != trusted.height &&
        !is_trusted_by_a_third(trusted, next, *power))
        return Failure{ChainFault::not_enough_trust};
    if (!is_two_thirds_majority(power->signed_power, power->total_power))
        return Failure{ChainFault::too_few_signatures};
    return power;
}

Result<void, ChainFault> check_clock(const pb::Timestamp& trusted, const pb::LightBlock& next,
                                     const FollowingClock& clock) {
    if (!is_valid(clock.now) || !is_valid(trusted)) return Failure{ChainFault::bad_time};
    const auto expires = later(trusted, clock.trusting_period_seconds, clock.trusting_period_nanos);
    if (compare(expires, clock.now) <= 0) return Failure{ChainFault::trust_expired};
    const auto latest = later(clock.now, clock.drift_seconds, clock.drift_nanos);
    if (!next.has_header()) return Failure{ChainFault::incomplete};
    if (compare(next.header().time(), latest) >= 0) return Failure{ChainFault::from_the_future};
    return {};
}

Result<CommitPower, ChainFault> verify_following(const TrustedBlock& trusted,
                                                 const pb::LightBlock& next, SlotRule rule,
                                                 const FollowingClock& clock) {
    if (const auto timely = check_clock(trusted.time, next, clock); !timely)
        return Failure{timely.error()};
    return verify_step(trusted, next, rule);
}

bool seems_to_lead_to(const TrustedBlock& trusted, const pb::LightBlock& next) {
    if (!check_header(next.header()) || !check_order(trusted, next.header())) return false;
    const auto total = check_validators(next.validators());
    const auto& slots = next.commit().signatures();
    if (!total || slots.size() != next.validators().validators_size()) return false;
    CommitPower power;
    for (int i = 0; i < slots.size(); ++i) {
        if (slots.Get(i).block_id_flag() != pb::BLOCK_ID_FLAG_COMMIT) continue;
        power.signers.push_back(i);
        power.signed_power += next.validators().validators(i).power();
    }
    return is_two_thirds_majority(power.signed_power, *total) &&
           (next.header().height() - 1 == trusted.height ||
            is_trusted_by_a_third(trusted, next, power));
}

bool is_fork(const pb::LightBlock& a, const pb::LightBlock& b, SlotRule rule) {
    return a.header().chain_id() == b.header().chain_id() &&
           a.header().height() == b.header().height() && verify_commit(a, rule).ok() &&
           verify_commit(b, rule).ok() && header_hash(a.header()) != header_hash(b.header());
}

}  // namespace tallystick
