#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ledger/state_view.hpp"

namespace tallystick::ledger {

/// A state that can also be walked: what reports need beside single look-ups. A walk sees one
/// height. Single-threaded use unless an implementation says otherwise.
class LeafSource : public StateView {
  public:
    /// What is told of a leaf: its key and its value, of the message that a key of its kind holds.
    /// The pointer may be kept; the key only during the call. False ends the walk.
    using Visit = std::function<bool(std::string_view key, const ValuePtr& value)>;

    /// Visits the leaves whose key starts with these bytes, in ascending order of key (as unsigned
    /// bytes). An empty prefix visits all.
    virtual void for_each(std::string_view prefix, const Visit& visit) const = 0;
};

/// The bytes with which every key of a kind begins.
[[nodiscard]] inline std::string prefix_of(Kind kind) {
    return {static_cast<char>(kind)};
}

}  // namespace tallystick::ledger
