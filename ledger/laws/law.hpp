#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/changed_leaf.hpp"
#include "ledger/draft.hpp"
#include "ledger/reports/leaf_source.hpp"
#include "ledger/state_machine.hpp"

/// What must always hold (1-system.md), a class a law. A law is checked at every block for what the
/// block touched, and in full over a whole state. It shares no code with the rules that it watches.
namespace tallystick::ledger {

/// A law that does not hold: the node stops before it signs.
struct Breach {
    std::string_view law;  ///< its name
    std::string object;    ///< state key, or id of an entry, in hexadecimal
    std::string what;      ///< in words, with the numbers
};

/// A block as the laws see it.
struct ExecutedBlock {
    const LedgerId& ledger_id;
    const StateView& before;
    const StateView& after;
    const BlockInput& input;
    const BlockResult& result;  ///< `changes` lead from `before` to `after`
    std::span<const ChangedLeaf> leaves;
};

/// A law watching one block, or gathering over a whole state. One thread.
class Law {
  public:
    virtual ~Law() = default;
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    /// Does it hold over what the block touched, given that it held before?
    [[nodiscard]] virtual std::optional<Breach> check_block(const ExecutedBlock& block) const;

    /// In full: first every leaf in ascending order of key, then `finish_state`. `view` is the
    /// whole state. A law that says nothing about a state at rest leaves these as they are.
    [[nodiscard]] virtual std::optional<Breach> take_leaf(const std::string& key,
                                                          const google::protobuf::Message& value,
                                                          const StateView& view);
    [[nodiscard]] virtual std::optional<Breach> finish_state(const StateView& view);

  protected:
    [[nodiscard]] Breach breach(std::string_view key, std::string what) const;
};

/// Every law, ready to gather over one state.
[[nodiscard]] std::vector<std::unique_ptr<Law>> all_laws();

/// The first breach among all laws in what the block touched.
[[nodiscard]] std::optional<Breach> check_laws(const ExecutedBlock& block);

/// The first breach among all laws over a whole state.
[[nodiscard]] std::optional<Breach> check_laws_in_full(const LeafSource& state);

/// In one line: the law, the object, what is wrong.
[[nodiscard]] std::string breach_text(const Breach& breach);

}  // namespace tallystick::ledger
