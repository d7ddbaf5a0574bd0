#pragma once

#include <set>

#include "ledger/draft.hpp"
#include "ledger/reports/leaf_source.hpp"
#include "ledger/state_machine.hpp"

namespace tallystick::ledger {

/// A whole state in memory: for tests, for replay from genesis, for a genesis in the making.
class MemoryState final : public LeafSource {
  public:
    [[nodiscard]] ValuePtr find(const std::string& key,
                                const google::protobuf::Message& prototype) const override;

    void for_each(std::string_view prefix, const Visit& visit) const override;

    /// Takes over what a block or a genesis changes.
    void apply(const Changes& changes);

    [[nodiscard]] const Changes& leaves() const noexcept { return leaves_; }

  private:
    Changes leaves_;
};

/// Used ids in memory.
class MemoryUsedIds final : public UsedIds {
  public:
    [[nodiscard]] bool contains(const EnvelopeId& id, std::uint64_t valid_until) const override;
    void insert(const EnvelopeId& id, std::uint64_t valid_until);

  private:
    std::set<std::pair<std::uint64_t, EnvelopeId>> ids_;
};

}  // namespace tallystick::ledger
