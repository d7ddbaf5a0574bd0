#pragma once

#include <memory>
#include <string>

#include "protocol/keys.hpp"

namespace tallystick::ledger {

/// A decoded value of the state, shared and never changed once it is in a view.
using ValuePtr = std::shared_ptr<const google::protobuf::Message>;

/// All that a rule may know: state at one height. No clock, disk or network.
/// Single-threaded use unless an implementation says otherwise.
class StateView {
  public:
    virtual ~StateView() = default;

    /// The value under `key`, or null. The pointer stays valid whatever the view does later.
    template <class Value>
    [[nodiscard]] std::shared_ptr<const Value> get(const Key<Value>& key) const {
        return std::static_pointer_cast<const Value>(find(key.bytes, Value::default_instance()));
    }

    /// The value under `key`, or the message's default: for balances and totals, where nothing is
    /// zero.
    template <class Value>
    [[nodiscard]] Value get_or_default(const Key<Value>& key) const {
        const auto found = get(key);
        return found ? *found : Value{};
    }

    /// Type-erased look-up behind `get`. `prototype` is the default instance of the message that a
    /// key of this kind holds; the result, when there is one, has that type.
    [[nodiscard]] virtual ValuePtr find(const std::string& key,
                                        const google::protobuf::Message& prototype) const = 0;
};

}  // namespace tallystick::ledger
