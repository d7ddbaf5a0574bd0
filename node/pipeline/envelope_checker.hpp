#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "ledger/state_machine.hpp"

namespace tallystick::node {

/// Checks envelopes that came in other nodes' bundles, each signature once a node, and lends its
/// threads. Tests and the simulation give one without threads.
class EnvelopeChecker {
  public:
    virtual ~EnvelopeChecker() = default;

    /// The envelope, decoded, if it is well-formed (its form, its action's form) and every
    /// signature of it is true: what its bytes alone say, so the same on every node. Any thread.
    [[nodiscard]] virtual std::optional<ledger::VerifiedEnvelope> check(std::string_view bytes) = 0;

    /// Calls `part(0)` to `part(parts - 1)`, each once, on this thread and on others that have
    /// time, and returns when all are done.
    virtual void spread(std::size_t parts, const std::function<void(std::size_t)>& part) = 0;

    /// Calls `work` some time later on another thread, or never: whoever needs its result does it
    /// himself. Never waits.
    virtual void later(std::function<void()> work) = 0;
};

}  // namespace tallystick::node
