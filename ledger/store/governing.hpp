#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/state_machine.hpp"
#include "ledger/store/chain_store.hpp"

namespace tallystick::ledger {

/// What the chain needs of the state block by block, kept because it seldom changes: whose bundles
/// count, who validates, and where the segment ends. One thread.
class Governing {
  public:
    /// What a block changed.
    struct Noted {
        bool beyond_segment = false;  ///< the segment ended before this block
        /// From two blocks later on, if it is another set.
        std::optional<pb::ValidatorSet> validators = {};
        std::vector<pb::Validator> updates = {};  ///< sorted by key
    };

    /// @param newest_set of block `height + 2`, with `height` that of the state
    /// @param segment that holds the next block: its engine and, under solo, its validator
    void load(const StateView& state, pb::ValidatorSet newest_set, const pb::Segment& segment);

    /// After block `height`, of which these are the changes. Under an engine whose validators
    /// change within a segment, a change counts from two blocks later on; the set that a handover
    /// names counts from the first block of its segment, whatever the old segment decided last.
    /// @param shape with the segment of this block
    [[nodiscard]] Noted note(std::uint64_t height, const ChainShape& shape, const Changes& changes,
                             const StateView& state);

    /// A segment begins with the next block.
    void begin_segment(const pb::Segment& segment);

    /// Keys of the nodes of the current authorities that have power, sorted. Under solo also that
    /// of the segment's only validator, whatever becomes of its authority by vote: nobody else can
    /// order a block, the one that hands over among them.
    [[nodiscard]] const std::vector<PublicKey>& nodes() const noexcept { return nodes_; }
    /// The newest there was, if any.
    [[nodiscard]] const std::optional<pb::Handover>& handover() const noexcept { return handover_; }

  private:
    void set_orderer(pb::Engine engine, const pb::ValidatorSet& validators);
    void add_orderer();

    std::vector<PublicKey> current_;    ///< of the authorities' nodes, sorted
    std::optional<PublicKey> orderer_;  ///< of the only node that makes blocks, under solo
    std::vector<PublicKey> nodes_;      ///< both
    pb::ValidatorSet newest_set_;
    std::optional<pb::Handover> handover_;
};

}  // namespace tallystick::ledger
