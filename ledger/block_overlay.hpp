#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/draft.hpp"

namespace tallystick::ledger {

/// A block's changes so far, over the state before it. Look-ups cost the same whether a block has
/// ten changes or ten thousand. The base must outlive it. One thread.
class BlockOverlay final : public StateView {
  public:
    explicit BlockOverlay(const StateView& base);

    [[nodiscard]] ValuePtr find(const std::string& key,
                                const google::protobuf::Message& prototype) const override;

    /// Adds what an entry changes; later entries win.
    void merge(Changes changes);

    /// Everything that was changed, ordered by key. The overlay is empty afterwards.
    [[nodiscard]] Changes take_changes();

  private:
    const StateView& base_;
    std::vector<Changes> buckets_;
    std::vector<std::size_t> used_;  ///< buckets that are not empty
};

}  // namespace tallystick::ledger
