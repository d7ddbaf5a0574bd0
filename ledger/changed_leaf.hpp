#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/draft.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

/// The first byte of a key of the state. @pre the key is well-formed.
[[nodiscard]] inline Kind kind_of(std::string_view key) noexcept {
    ensure(!key.empty(), "a state key begins with its kind");
    return static_cast<Kind>(static_cast<std::uint8_t>(key[0]));
}

/// The default instance of the message that stands under keys of this kind; null for a kind not in
/// use.
[[nodiscard]] const google::protobuf::Message* prototype_of(std::string_view key) noexcept;

/// A leaf before and after a block; null where there is none.
struct ChangedLeaf {
    const std::string& key;
    ValuePtr before;
    const ValuePtr& after;

    /// The messages under a key whose kind holds `Value`.
    template <class Value>
    [[nodiscard]] const Value* old_value() const {
        return static_cast<const Value*>(before.get());
    }
    template <class Value>
    [[nodiscard]] const Value* new_value() const {
        return static_cast<const Value*>(after.get());
    }
    /// Where nothing is zero.
    template <class Value>
    [[nodiscard]] const Value& old_or_default() const {
        return before ? *old_value<Value>() : Value::default_instance();
    }
    template <class Value>
    [[nodiscard]] const Value& new_or_default() const {
        return after ? *new_value<Value>() : Value::default_instance();
    }
};

/// What `changes` do to `before`, in the order of the keys. Both must outlive the result.
[[nodiscard]] std::vector<ChangedLeaf> changed_leaves(const Changes& changes,
                                                      const StateView& before);

/// Did anything change that a leaf's due items depend on? They depend on the leaf itself and on
/// what never changes of its award, redemption and contract. False for most transfers, which saves
/// the look-ups. @pre the key bears due items.
[[nodiscard]] bool may_change_due_items(const ChangedLeaf& leaf);

/// A state with changes over it. Both must outlive it. One thread.
class OverChanges final : public StateView {
  public:
    OverChanges(const Changes& changes, const StateView& base) : changes_(changes), base_(base) {}

    [[nodiscard]] ValuePtr find(const std::string& key,
                                const google::protobuf::Message& prototype) const override;

  private:
    const Changes& changes_;
    const StateView& base_;
};

}  // namespace tallystick::ledger
