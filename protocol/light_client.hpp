#pragma once

#include <cstdint>
#include <optional>

#include "protocol/commit.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"

/// From a block that is trusted to a later one of the same chain.
namespace tallystick {

/// The part of a trusted block that the next step needs.
struct TrustedBlock {
    std::string chain_id;
    std::int64_t height = 0;
    pb::Timestamp time;
    Hash header_hash;
    Hash next_validators_hash;
    /// Whose third must have signed a block that is not adjacent: the set of the trusted block
    /// itself or, where it is known, that of the next.
    pb::ValidatorSet validators;
};

/// What is kept of a block that has been verified. Its own set serves for skipping.
/// @pre `verify_commit` accepted the block.
[[nodiscard]] TrustedBlock trusted_from(const pb::LightBlock& block);

/// For those who follow the head of the chain.
struct FollowingClock {
    pb::Timestamp now;
    std::uint64_t trusting_period_seconds = 0;
    std::uint64_t drift_seconds = 0;          ///< how far ahead of ours an authority's clock may be
    std::uint32_t trusting_period_nanos = 0;  ///< added to the seconds; below 1,000,000,000
    std::uint32_t drift_nanos = 0;
};

/// May one go from a block of time `trusted` to `next` at this moment? Faults in this order:
/// bad_time, trust_expired (the trusted time plus the period is not after now), incomplete,
/// from_the_future (the next block's time is not before now plus drift).
[[nodiscard]] Result<void, ChainFault> check_clock(const pb::Timestamp& trusted,
                                                   const pb::LightBlock& next,
                                                   const FollowingClock& clock);

/// Would `verify_step` accept the step if every signature that counts were true? For those who
/// choose which blocks of a chain of their own to show.
[[nodiscard]] bool seems_to_lead_to(const TrustedBlock& trusted, const pb::LightBlock& next);

/// Verifies a step without a clock, as a receipt's trail is judged. Adjacent blocks by
/// `next_validators_hash`, others only if more than a third of the trusted power signed.
/// Faults in this order: those of the form of the header, other_chain, height_not_increasing,
/// time_not_increasing, next_validators_mismatch (adjacent), those of `verify_commit` up to
/// false_signature, not_enough_trust (skipping), too_few_signatures.
[[nodiscard]] Result<CommitPower, ChainFault> verify_step(const TrustedBlock& trusted,
                                                          const pb::LightBlock& next,
                                                          SlotRule rule);

/// The same with a clock: first `check_clock`, then `verify_step`.
[[nodiscard]] Result<CommitPower, ChainFault> verify_following(const TrustedBlock& trusted,
                                                               const pb::LightBlock& next,
                                                               SlotRule rule,
                                                               const FollowingClock& clock);

/// Do these two prove a fork: one chain, one height, two different headers, each properly signed by
/// the set that it names? Whether those sets deserve trust is the caller's question.
[[nodiscard]] bool is_fork(const pb::LightBlock& a, const pb::LightBlock& b, SlotRule rule);

}  // namespace tallystick
