#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "protocol/pb.hpp"
#include "protocol/types.hpp"

namespace tallystick::ledger {

/// A block and the one before it. At height 1 `before` holds only the genesis' app state.
struct ChainStep {
    const std::string& chain_id;
    const pb::Genesis& genesis;
    std::uint64_t height;
    const pb::BlockRecord& before;
    const pb::BlockRecord& block;
    std::span<const std::string> bundles;
};

/// The validators of the first segment, as the genesis names them.
[[nodiscard]] pb::ValidatorSet validators_of(const pb::Genesis& genesis);

/// What is wrong with the header and commit, each in words: signatures, hashes, height, time,
/// parent, the app hash after the block before. Empty: everything fits.
[[nodiscard]] std::vector<std::string> check_chain_step(const ChainStep& step);

/// What is wrong with the bundles, each in words: form, chain, signatures of bundles, form and
/// signatures of envelopes. @param signatures also those of envelopes
[[nodiscard]] std::vector<std::string> check_bundles(std::span<const std::string> bundles,
                                                     const LedgerId& ledger_id,
                                                     const std::string& chain_id, bool signatures);

}  // namespace tallystick::ledger
