#include "protocol/walk.hpp"

#include <algorithm>

#include "protocol/ensure.hpp"
#include "protocol/envelope.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick {

namespace {

Failure<ReceiptError> failure(ReceiptFault fault) {
    return Failure{ReceiptError{fault, std::nullopt, std::nullopt}};
}

Failure<ReceiptError> failure(ChainFault fault) {
    return Failure{ReceiptError{ReceiptFault::chain, fault, std::nullopt}};
}

Failure<ReceiptError> failure(const HandoverError& error) {
    return Failure{ReceiptError{ReceiptFault::handover, std::nullopt, std::nullopt, error}};
}

pb::Timestamp time_of(const TrustedHeader& trusted) {
    return make_timestamp(trusted.seconds, trusted.nanos);
}

/// Does the trust file itself vouch for this block? It does if the block is the trusted one, or its
/// set is the one that is listed for its height. Fork, segment_ended, time_not_increasing (against
/// the trusted header) and listed_set_differs are failures; a set that is listed without a last
/// height may have been replaced since the trusted header, so then a trail may still lead on.
Result<bool, ReceiptError> is_vouched_for(const Trust& trust, const TrustSegment& segment,
                                          const pb::LightBlock& block) {
    const auto& header = block.header();
    const auto& trusted = segment.trusted;
    if (const auto end = end_of(trust, segment); end && header.height() > *end)
        return failure(ReceiptFault::segment_ended);
    if (header.height() == trusted.height) {
        if (header_hash(header) != trusted.header_hash) return failure(ReceiptFault::fork);
        return true;
    }
    const auto order = compare(header.time(), time_of(trusted));
    if (header.height() > trusted.height ? order <= 0 : order >= 0)
        return failure(ChainFault::time_not_increasing);

    const auto* listed = set_at(segment, header.height());
    if (listed == nullptr) return false;
    if (validators_hash(validators_of(*listed)).text() == header.validators_hash()) return true;
    if (listed->last_height || header.height() < trusted.height)
        return failure(ReceiptFault::listed_set_differs);
    return false;
}

/// Does the trust file know of anything in the segment behind this height?
bool knows_beyond(const TrustSegment& segment, std::int64_t height) {
    const auto& newest = segment.validator_sets.back();
    return segment.trusted.height > height || newest.first_height > height ||
           (newest.last_height && *newest.last_height > height);
}

class Walker {
  public:
    Walker(const Trust& trust, const FollowingClock* clock) : trust_(trust), clock_(clock) {}

    Result<CommitPower, ReceiptError> step(const pb::LightBlock& block) {
        auto power = previous_ ? go_on(block) : begin(block);
        if (!power) return power;
        walk_.blocks.push_back({&block, false});
        previous_ = trusted_from(block);
        return power;
    }

    /// The receipt's own block, which may be the first of a segment, walked already.
    Result<CommitPower, ReceiptError> arrive(const pb::LightBlock& block) {
        const bool is_there = previous_ && walk_.blocks.back().begins_segment &&
                              block.has_header() &&
                              header_hash(block.header()) == previous_->header_hash;
        if (!is_there) return step(block);
        auto power = verify_commit(block, SlotRule::blank);
        if (!power) return failure(power.error());
        return std::move(*power);
    }

    Result<void, ReceiptError> cross(const pb::HandoverRecord& record) {
        const auto handover = verify_handover(record);
        if (!handover) return failure(handover.error());
        if (const auto last = step(record.last()); !last) return Failure{last.error()};
        if (segment_ != nullptr && knows_beyond(*segment_, record.last().header().height()))
            return failure(HandoverError{HandoverFault::not_the_last_block, {}, {}});
        if (clock_ != nullptr) {
            const auto timely = check_clock(previous_->time, record.first(), *clock_);
            if (!timely) return failure(timely.error());
        }
        segment_ = segment_of(trust_, handover->chain_id());
        if (segment_ != nullptr) {
            const auto vouched = is_vouched_for(trust_, *segment_, record.first());
            if (!vouched) return Failure{vouched.error()};
        }
        walk_.blocks.push_back({&record.first(), true});
        previous_ = trusted_from(record.first());
        return {};
    }

    [[nodiscard]] Walk take(CommitPower power) {
        walk_.power = std::move(power);
        return std::move(walk_);
    }

  private:
    /// The first block of all: only the trust file can vouch for it.
    Result<CommitPower, ReceiptError> begin(const pb::LightBlock& block) {
        segment_ = segment_of(trust_, block.header().chain_id());
        if (segment_ == nullptr) return failure(ReceiptFault::unknown_chain);
        if (clock_ != nullptr) {
            const auto timely = check_clock(time_of(segment_->trusted), block, *clock_);
            if (!timely) return failure(timely.error());
        }
        auto power = verify_commit(block, SlotRule::blank);
        if (!power) return failure(power.error());
        const auto vouched = is_vouched_for(trust_, *segment_, block);
        if (!vouched) return Failure{vouched.error()};
        if (!*vouched)
            return failure(set_at(*segment_, block.header().height()) != nullptr
                               ? ReceiptFault::listed_set_differs
                               : ReceiptFault::not_trusted);
        return std::move(*power);
    }

    Result<CommitPower, ReceiptError> go_on(const pb::LightBlock& block) {
        auto power = clock_ != nullptr
                         ? verify_following(*previous_, block, SlotRule::blank, *clock_)
                         : verify_step(*previous_, block, SlotRule::blank);
        if (!power) return failure(power.error());
        if (segment_ != nullptr) {
            const auto vouched = is_vouched_for(trust_, *segment_, block);
            if (!vouched) return Failure{vouched.error()};
        }
        return std::move(*power);
    }

    const Trust& trust_;
    const FollowingClock* clock_;
    const TrustSegment* segment_ = nullptr;  ///< null in one that the trust file does not have
    std::optional<TrustedBlock> previous_;
    Walk walk_;
};

std::vector<TrustedValidator> validators_from(const Trust& trust, const pb::ValidatorSet& set) {
    std::vector<TrustedValidator> validators;
    for (const auto& validator : set.validators()) {
        const auto key = PublicKey::from(validator.public_key());
        ensure(key.has_value(), "a verified set has keys of 32 bytes");
        validators.push_back(
            {std::string{authority_of(trust, validator.public_key())}, *key, validator.power()});
    }
    return validators;
}

TrustedHeader trusted_header(const pb::Header& header) {
    return {header.height(), header.time().seconds(), header.time().nanos(), header_hash(header)};
}

/// Takes the block's set into the segment if it is another than the one that was known last.
void learn_set(const Trust& trust, TrustSegment& segment, const pb::LightBlock& block) {
    const auto height = block.header().height();
    auto& newest = segment.validator_sets.back();
    if (height <= newest.first_height || (newest.last_height && height <= *newest.last_height))
        return;
    const bool same =
        validators_hash(validators_of(newest)).text() == block.header().validators_hash();
    if (same && !newest.last_height) return;
    if (!newest.last_height) newest.last_height = height - 1;
    segment.validator_sets.push_back(
        {height, std::nullopt, validators_from(trust, block.validators())});
}

/// Ends the newest segment at `last` and begins another with `first`.
void begin_segment(Trust& trust, const pb::Header& last, const pb::LightBlock& first) {
    auto& newest = trust.segments.back().validator_sets.back();
    if (!newest.last_height) newest.last_height = last.height();
    TrustSegment segment;
    segment.chain_id = first.header().chain_id();
    segment.trusted = trusted_header(first.header());
    segment.validator_sets.push_back(
        {first.header().height(), std::nullopt, validators_from(trust, first.validators())});
    trust.segments.push_back(std::move(segment));
}

}  // namespace

Result<Walk, ReceiptError> walk(const pb::Receipt& receipt, const Trust& trust,
                                const FollowingClock* clock) {
    const auto ledger_id = LedgerId::from(receipt.ledger_id());
    if (!ledger_id || !receipt.has_block()) return failure(ReceiptFault::incomplete);
    if (*ledger_id != trust.ledger_id) return failure(ReceiptFault::other_ledger);
    Walker walker{trust, clock};
    CommitPower power;
    int crossed = 0;
    for (int i = 0; i <= receipt.trail_size(); ++i) {
        const auto& block = i < receipt.trail_size() ? receipt.trail(i) : receipt.block();
        for (; crossed < receipt.handovers_size(); ++crossed) {
            const auto& record = receipt.handovers(crossed);
            if (record.last().header().height() >= block.header().height()) break;
            if (const auto done = walker.cross(record); !done) return Failure{done.error()};
        }
        auto stepped = i < receipt.trail_size() ? walker.step(block) : walker.arrive(block);
        if (!stepped) return Failure{stepped.error()};
        power = std::move(*stepped);
    }
    if (crossed != receipt.handovers_size()) return failure(ReceiptFault::handover_out_of_place);
    return walker.take(std::move(power));
}

Result<void, ReceiptError> check_app_state(const pb::Receipt& receipt) {
    const auto& app = receipt.app_state();
    const auto state_root = Hash::from(app.state_root());
    const auto log_root = Hash::from(app.log_root());
    if (!receipt.has_app_state() || !state_root || !log_root)
        return failure(ReceiptFault::incomplete);
    if (app_hash(*state_root, *log_root, app.log_size()).text() !=
        receipt.block().header().app_hash())
        return failure(ReceiptFault::app_hash_mismatch);
    return {};
}

Trust extend_trust(Trust trust, const pb::Receipt& receipt) {
    const auto walked = walk(receipt, trust);
    ensure(walked.ok(), "only what has been walked extends a trust file");
    const pb::Header* before = nullptr;
    for (const auto& one : walked->blocks) {
        const auto& header = one.block->header();
        const auto& newest = trust.segments.back().chain_id;
        if (header.chain_id() == newest)
            learn_set(trust, trust.segments.back(), *one.block);
        else if (one.begins_segment && before->chain_id() == newest)
            begin_segment(trust, *before, *one.block);
        before = &header;
    }
    auto& newest = trust.segments.back();
    if (before->chain_id() == newest.chain_id && before->height() > newest.trusted.height)
        newest.trusted = trusted_header(*before);
    return trust;
}

Result<Trust, ReceiptError> add_handover(Trust trust, const pb::HandoverRecord& record) {
    if (const auto holds = verify_handover(record); !holds) return failure(holds.error());
    pb::Receipt way;
    way.set_ledger_id(trust.ledger_id.str());
    *way.add_handovers() = record;
    *way.mutable_block() = record.first();
    if (const auto walked = walk(way, trust); !walked) return Failure{walked.error()};
    return extend_trust(std::move(trust), way);
}

}  // namespace tallystick
