#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/memory_state.hpp"
#include "model/world.hpp"

/// Ledgers that live through random but mostly sensible days.
namespace tallystick::model {

/// What one action of a random ledger follows from, together with the state that it meets.
using Choice = std::uint64_t;

/// A block of a random ledger, executed.
struct Block {
    std::uint64_t height = 0;
    std::uint64_t now = 0;
    std::int32_t nanos = 0;
    std::string chain_id;
    std::vector<ledger::VerifiedEnvelope> envelopes;
    std::vector<pb::Misbehaviour> misbehaviours;
    ledger::BlockResult result;
};

/// A ledger from its genesis on. Each block takes up to eight choices, moves the time on (often to
/// just where something falls due), and is executed by the state machine. Authorities come, go and
/// hand over; where a segment ends the next block bears the next chain id. Deterministic: seed and
/// choices say everything. Leaving out choices gives another ledger that is as good, so that a
/// failure can be shrunk. One thread.
class RandomLedger {
  public:
    explicit RandomLedger(std::uint64_t seed);

    /// Makes and executes a block of the first choices, and says how many it took: at least one.
    /// @pre `choices` is not empty.
    std::size_t run_block(std::span<const Choice> choices);
    /// A block a second later in which nobody acts.
    void run_tick();
    /// The block that was run last; it changes with the next one.
    [[nodiscard]] const Block& block() const noexcept { return block_; }

    [[nodiscard]] const Founding& founding() const noexcept { return founding_; }
    [[nodiscard]] const ledger::MemoryState& state() const noexcept { return state_; }
    [[nodiscard]] const ledger::DueIndex& due() const noexcept { return due_; }
    [[nodiscard]] Keyring& keyring() noexcept { return keyring_; }
    /// The newest key of each node that could bring a bundle to the block that was run last.
    [[nodiscard]] const pb::ValidatorSet& nodes() const noexcept { return nodes_; }

  private:
    void pass_time(Dice& dice);
    [[nodiscard]] pb::Misbehaviour misbehaviour(Dice& dice);
    void begin_block();
    [[nodiscard]] std::optional<std::uint64_t> next_event(Dice& dice) const;
    [[nodiscard]] Move choose(World& world) const;
    [[nodiscard]] std::string sign(const pb::Body& body, Dice& dice) const;
    [[nodiscard]] ledger::VerifiedEnvelope envelope_of(Dice& dice);
    void execute();

    Dice start_;
    Keyring keyring_;
    Founding founding_;
    ledger::MemoryState state_;
    ledger::MemoryUsedIds used_;
    ledger::DueIndex due_;
    std::map<std::string, SealedBid> sealed_;
    std::vector<ledger::VerifiedEnvelope> sent_;  ///< the last few, to be sent again
    pb::ValidatorSet nodes_;
    Block block_;
};

/// `count` choices that follow from a seed.
[[nodiscard]] std::vector<Choice> choices_of(std::uint64_t seed, std::size_t count);

}  // namespace tallystick::model
