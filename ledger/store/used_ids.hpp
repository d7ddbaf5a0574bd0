#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

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
    /// Ids are hashes: their first bytes are as good as any.
    struct FirstBytes {
        [[nodiscard]] std::size_t operator()(const EnvelopeId& id) const noexcept;
    };

    void check_against_log(const ChainReader& chain) const;
    /// Memory alone.
    [[nodiscard]] bool knows(const EnvelopeId& id, std::uint64_t valid_until) const;

    const ChainStore& chain_;
    /// With `valid_until`, which an id is a hash of.
    std::unordered_map<EnvelopeId, std::uint64_t, FirstBytes> ids_;
    std::map<std::uint64_t, std::vector<EnvelopeId>> by_valid_until_;
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
