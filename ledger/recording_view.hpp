#pragma once

#include <set>
#include <string>

#include "ledger/state_view.hpp"

namespace tallystick::ledger {

/// Passes look-ups on and remembers which keys were asked for: how it is known what an envelope
/// touches. The base must outlive it. One thread.
class RecordingView final : public StateView {
  public:
    explicit RecordingView(const StateView& base) : base_(base) {}

    [[nodiscard]] ValuePtr find(const std::string& key,
                                const google::protobuf::Message& prototype) const override;

    [[nodiscard]] const std::set<std::string>& keys() const noexcept { return keys_; }

  private:
    const StateView& base_;
    mutable std::set<std::string> keys_;
};

}  // namespace tallystick::ledger
