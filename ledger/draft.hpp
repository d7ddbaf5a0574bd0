#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ledger/state_view.hpp"

namespace tallystick::ledger {

/// What an entry changes: a value per key, or null where the leaf is removed. Ordered by key.
using Changes = std::map<std::string, ValuePtr, std::less<>>;

/// A state in the making: reads through to `base`, keeps what is written, and is thrown away when
/// an action is refused. An action tests every refusal it can before its first write; where lines
/// build on each other (two redemption lines of one balance) a later line sees what the earlier one
/// wrote. The base must outlive the draft. One thread.
class Draft final : public StateView {
  public:
    explicit Draft(const StateView& base) : base_(base) {}

    [[nodiscard]] ValuePtr find(const std::string& key,
                                const google::protobuf::Message& prototype) const override;

    template <class Value>
    void put(const Key<Value>& key, Value value) {
        changes_[key.bytes] = std::make_shared<const Value>(std::move(value));
    }

    template <class Value>
    void erase(const Key<Value>& key) {
        changes_[key.bytes] = nullptr;
    }

    /// Records a movement of credits for the outcome. Only `move_credits` calls it.
    void add_movement(pb::Movement movement) { movements_.push_back(std::move(movement)); }

    [[nodiscard]] const Changes& changes() const noexcept { return changes_; }
    [[nodiscard]] Changes take_changes() noexcept { return std::move(changes_); }
    [[nodiscard]] const std::vector<pb::Movement>& movements() const noexcept { return movements_; }
    [[nodiscard]] std::vector<pb::Movement> take_movements() noexcept {
        return std::move(movements_);
    }

  private:
    const StateView& base_;
    Changes changes_;
    std::vector<pb::Movement> movements_;
};

}  // namespace tallystick::ledger
