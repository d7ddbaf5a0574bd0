#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ledger/store/snapshot.hpp"
#include "protocol/pb.hpp"
#include "protocol/types.hpp"

namespace tallystick::ledger {

/// A block with its header and commit, and what it follows.
struct ChainStep {
    const SegmentStart& segment;
    std::uint64_t height;
    const pb::ValidatorSet& validators;       ///< of this block
    const pb::ValidatorSet& next_validators;  ///< of the one after it
    const pb::BlockRecord& before;            ///< at height 1 only the genesis' app state
    std::uint64_t bundles_before;
    bool knows_parent;  ///< false for the first block after a base: `before` is no block
    const pb::BlockRecord& block;
    std::span<const std::string> bundles;
};

/// The app hash over these roots; empty if they are not whole.
[[nodiscard]] std::string app_hash_of(const pb::AppState& state);

/// What is wrong with the header and commit, each in words: signatures, hashes, height, time,
/// parent, the app hash after the block before; the first block of a segment has no parent. Empty:
/// everything fits.
[[nodiscard]] std::vector<std::string> check_chain_step(const ChainStep& step);

/// What is wrong with the bundles, each in words: form, chain, signatures of bundles, form and
/// signatures of envelopes. @param signatures also those of envelopes
[[nodiscard]] std::vector<std::string> check_bundles(std::span<const std::string> bundles,
                                                     const LedgerId& ledger_id,
                                                     const std::string& chain_id, bool signatures);

}  // namespace tallystick::ledger
