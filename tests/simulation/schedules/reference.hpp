#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/memory_state.hpp"
#include "ledger/merkle/log_tree.hpp"
#include "ledger/merkle/state_tree.hpp"
#include "ledger/state_machine.hpp"
#include "simulation/schedules/chain.hpp"

namespace tallystick::simulation {

/// Something does not hold: the schedule has failed, and this says why.
struct Broken {
    std::string what;
};

/// The ledger as it must be: every decided block executed once more, in memory, by nobody's node.
/// It is compared with what every node answers.
class Reference {
  public:
    Reference(const pb::Genesis& genesis, const LedgerId& ledger_id, std::string chain_id);

    /// A node executed this block and answered so. Executes it if it is the first. Throws Broken
    /// where another block was decided at its height, or another answer given or expected.
    void finalized(const Block& block, const abci_pb::ResponseFinalizeBlock& response);

    [[nodiscard]] std::uint64_t height() const noexcept { return height_; }
    [[nodiscard]] std::uint64_t block_seconds() const noexcept { return seconds_; }
    [[nodiscard]] const ledger::MemoryState& state() const noexcept { return state_; }
    [[nodiscard]] const ledger::DueIndex& due() const noexcept { return due_; }
    [[nodiscard]] std::string app_hash() const;
    [[nodiscard]] std::string app_hash_at(std::uint64_t height) const;
    [[nodiscard]] std::string header_hash_at(std::uint64_t height) const;
    [[nodiscard]] Hash state_root() const { return tree_.root(); }
    [[nodiscard]] std::uint64_t log_size() const { return log_.size(); }
    /// Canonical entries of the log in order.
    [[nodiscard]] const std::vector<std::string>& entries() const noexcept { return entries_; }
    /// Where the entries of this id stand.
    [[nodiscard]] std::vector<std::uint64_t> find(const EnvelopeId& id) const;
    [[nodiscard]] std::uint64_t due_items() const noexcept { return due_items_; }
    /// Every set of validators by the first block that it signs.
    [[nodiscard]] const std::map<std::uint64_t, pb::ValidatorSet>& validator_sets() const noexcept {
        return sets_;
    }

  private:
    struct Done {
        std::string hash;
        std::string app_hash;
        std::string updates;
    };
    void execute(const Block& block);

    LedgerId ledger_id_;
    std::string chain_id_;
    ledger::MemoryState state_;
    ledger::MemoryUsedIds used_;
    ledger::DueIndex due_;
    ledger::StateTree tree_;
    ledger::LogTree log_;
    std::vector<std::string> entries_;
    std::multimap<std::string, std::uint64_t> by_id_;
    std::map<std::uint64_t, Done> done_;
    std::map<std::uint64_t, pb::ValidatorSet> sets_;
    std::uint64_t height_ = 0;
    std::uint64_t seconds_ = 0;
    std::uint64_t due_items_ = 0;
};

}  // namespace tallystick::simulation
