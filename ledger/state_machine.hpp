#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/draft.hpp"
#include "ledger/due.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::ledger {

/// The newest set of rules that this program knows.
inline constexpr std::uint32_t rule_set_known = 1;

/// An envelope to execute: its form is checked and its signatures are true.
using VerifiedEnvelope = std::shared_ptr<const DecodedEnvelope>;

/// What is known of used ids beyond the block at hand.
class UsedIds {
  public:
    virtual ~UsedIds() = default;
    [[nodiscard]] virtual bool contains(const EnvelopeId& id, std::uint64_t valid_until) const = 0;
};

/// What became of one envelope of a block, in the block's order.
struct EnvelopeResult {
    std::optional<Skip> skip;            ///< set: nothing else is
    std::optional<std::uint64_t> entry;  ///< index into `BlockResult::entries`
};

/// A block executed but not persisted.
struct BlockResult {
    std::vector<pb::LogEntry> entries;  ///< misbehaviour, then due items, then envelopes
    std::vector<EnvelopeResult> envelopes;
    Changes changes;            ///< to the state; ordered by key
    std::size_t due_items = 0;  ///< how many of the entries the ledger made itself
    bool more_due = false;      ///< overdue items remain beyond the block's bound
};

/// What one block is made of, as far as the rules care.
struct BlockInput {
    std::uint64_t height = 0;
    std::uint64_t now = 0;                        ///< the block's seconds
    std::span<const VerifiedEnvelope> envelopes;  ///< in order, over all bundles of current nodes
    std::span<const pb::Misbehaviour> misbehaviours =
        {};                          ///< as the engine told them, in its order
    std::string_view chain_id = {};  ///< the block's; a handover works out the next one from it
};

/// The index of deadlines: every due item of the state, in order. Derived; recomputed at start.
class DueIndex {
  public:
    /// Replaces what `key` calls for. `contract` is the key of the totals of the contract that it
    /// belongs to; empty if unknown.
    void update(const std::string& key, std::vector<DueItem> items,
                const std::string& contract = {});
    /// The first item, or nothing.
    [[nodiscard]] const DueItem* first() const;
    /// The earliest time of an item about this key, or nothing.
    [[nodiscard]] std::optional<std::uint64_t> earliest_of(const std::string& key) const;
    /// The earliest time of an item of the contract with this totals key, or nothing.
    [[nodiscard]] std::optional<std::uint64_t> earliest_of_contract(
        const std::string& totals_key) const;
    [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }

    /// The same items about the same objects.
    friend bool operator==(const DueIndex& a, const DueIndex& b) { return a.items_ == b.items_; }

  private:
    struct Object {
        std::vector<DueItem> items;
        std::string contract;
    };

    std::set<DueItem> items_;
    std::map<std::string, Object, std::less<>> by_object_;
    std::map<std::string, std::multiset<std::uint64_t>, std::less<>> by_contract_;
};

/// Can a leaf under this key call for due items?
[[nodiscard]] bool bears_due_items(std::string_view key) noexcept;

/// Brings the index up to date with the leaf under `key` as `view` has it. Does nothing for a kind
/// that bears no due items.
void refresh_due(DueIndex& due, const LedgerId& ledger_id, const std::string& key,
                 const StateView& view);

/// Does the block of this height end its segment? Then it changes nothing, whatever is in it.
/// @param before the state before the block
[[nodiscard]] bool is_last_block(const StateView& before, std::uint64_t height);

/// Why this program cannot execute the next block on `state`, in one sentence for the operator:
/// the rule set in force is newer than it. Nothing if it can. A node asks before it executes, and
/// stops; anything else would be a guess, and a fork.
[[nodiscard]] std::optional<std::string> why_not_executable(const StateView& state);

/// Executes blocks: misbehaviour first, due items, then envelopes. The last block of a segment only
/// skips its envelopes. A pure function of its arguments; runs on one thread. The laws run over
/// what the block touched before it returns; a breach stops the process.
/// @pre `why_not_executable` has nothing to say.
/// @param due in: the items as of `state`; out: as of the state after the block.
[[nodiscard]] BlockResult execute_block(const LedgerId& ledger_id, const StateView& state,
                                        const UsedIds& used, DueIndex& due,
                                        const BlockInput& input);

/// Would the ledger take this envelope now, and what would it answer? For checks beforehand and
/// `--dry-run`; nothing changes. `signatures_matter` false: answer as if every named account had
/// signed.
struct Preview {
    std::optional<Skip> skip;
    std::optional<pb::Outcome> outcome;
};
[[nodiscard]] Preview preview(const LedgerId& ledger_id, const StateView& state,
                              const UsedIds& used, const DueIndex& due,
                              const DecodedEnvelope& envelope, std::uint64_t now,
                              bool signatures_matter);

/// The leaves of a genesis: parameters; the list of authorities, their accounts, identifiers and
/// keys; their nodes, and whose a node's key and address are. Nothing if
/// the genesis breaks a rule (unsorted, repeated keys, thresholds, invalid node keys, parameters of
/// 0).
[[nodiscard]] std::optional<Changes> genesis_state(const pb::Genesis& genesis);

/// The documented defaults (docs/FORMATS.md): what a new ledger starts with.
[[nodiscard]] pb::Parameters default_parameters();

}  // namespace tallystick::ledger
