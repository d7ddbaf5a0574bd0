#pragma once

#include <string>
#include <vector>

#include "ledger/merkle/log_tree.hpp"
#include "ledger/merkle/state_tree.hpp"
#include "model/random_ledger.hpp"

/// Turns the blocks of a random ledger into a chain that its authorities signed.
namespace tallystick::model {

/// Roots after a block, and what the next header says of them.
struct Roots {
    Hash state;
    Hash log;
    std::uint64_t log_size = 0;
    [[nodiscard]] Hash app() const;
    [[nodiscard]] pb::AppState message() const;
};

/// The trees over what a random ledger did.
class Trees {
  public:
    /// @pre `ledger` has run no block yet.
    explicit Trees(const RandomLedger& ledger);
    void add(const Block& block);
    [[nodiscard]] Roots roots() const;
    /// Canonical entries of the block that was added last.
    [[nodiscard]] const std::vector<std::string>& entries() const noexcept { return entries_; }

  private:
    ledger::StateTree state_;
    ledger::LogTree log_;
    std::vector<std::string> entries_;
};

/// A set of validators and the height from which it signed.
struct SignedFrom {
    std::int64_t height = 0;
    pb::ValidatorSet validators;
};

/// What a trust file says of one stretch of the chain.
struct SegmentOfChain {
    std::string chain_id;
    pb::Engine engine = pb::ENGINE_SOLO;
    pb::Header first;              ///< header of its first block
    std::vector<SignedFrom> sets;  ///< ascending
};

/// Headers, commits and bundles: all authorities sign, but for one now and then where the others
/// are enough. Under CometBFT a change by one block counts from the second block behind it; under
/// solo the first set signs the segment. Block times and everything else follow from the ledger.
class Chain {
  public:
    /// Both must outlive this. @pre `ledger` has run no block yet.
    Chain(RandomLedger& ledger, std::uint64_t seed);

    /// The record of the block that the ledger ran last.
    [[nodiscard]] pb::BlockRecord add(const Block& block);
    [[nodiscard]] const std::vector<SegmentOfChain>& segments() const noexcept { return segments_; }

  private:
    [[nodiscard]] std::vector<std::string> bundles_of(const Block& block);
    void begin_segment(pb::Engine engine, const pb::ValidatorSet& validators);
    [[nodiscard]] std::string bundle(const SigningKey& key, std::span<const std::string> envelopes);
    [[nodiscard]] pb::BlockRecord seal(const pb::Timestamp& time, std::vector<std::string> bundles,
                                       bool with_evidence);
    [[nodiscard]] pb::Commit commit(const pb::BlockId& block_id, const pb::Timestamp& time);

    RandomLedger& ledger_;
    Dice dice_;
    Trees trees_;
    std::vector<SegmentOfChain> segments_;
    pb::ValidatorSet validators_;       ///< of the newest block
    pb::ValidatorSet next_validators_;  ///< of the one behind it
    pb::Header last_header_;
    pb::Commit last_commit_;
    std::size_t last_bundles_ = 0;
    std::uint64_t counter_ = 0;
};

}  // namespace tallystick::model
