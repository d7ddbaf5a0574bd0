#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "ledger/state_machine.hpp"
#include "ledger/store/chain_store.hpp"

namespace tallystick::ledger {

/// Ids that can still be taken in memory, all others in the chain. The writer's thread.
class StoredUsedIds final : public UsedIds {
  public:
    explicit StoredUsedIds(const ChainStore& chain) : chain_(chain) {}

    /// Reads those valid at `now` and later, and compares them with the log of the last 30 days:
    /// an id that a damaged page hides could be used again. Throws `LmdbFailure`.
    void load(std::uint64_t now);
    [[nodiscard]] bool contains(const EnvelopeId& id, std::uint64_t valid_until) const override;
    void insert(const EnvelopeId& id, std::uint64_t valid_until);
    /// Forgets those that expired long before `now`: the chain has them.
    void forget_before(std::uint64_t now);

  private:
    void check_against_log(const ChainReader& chain) const;

    const ChainStore& chain_;
    std::set<std::pair<std::uint64_t, EnvelopeId>> ids_;
    std::uint64_t in_memory_from_ = 0;  ///< `valid_until` of the earliest that memory knows all of
};

/// Ids used before a block of the chain that is executed again. The writer's thread.
class ReplayedUsedIds final : public UsedIds {
  public:
    /// @param chain must outlive it
    explicit ReplayedUsedIds(const ChainReader& chain) : chain_(chain) {}
    /// Entries of the log before the block at hand.
    void set_log_size(std::uint64_t log_size) noexcept { log_size_ = log_size; }
    [[nodiscard]] bool contains(const EnvelopeId& id, std::uint64_t valid_until) const override;

  private:
    const ChainReader& chain_;
    std::uint64_t log_size_ = 0;
};

}  // namespace tallystick::ledger
