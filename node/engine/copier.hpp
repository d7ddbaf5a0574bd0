#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "ledger/store/store.hpp"

namespace tallystick::node {

/// Keeps copies of the state, so that a machine that lost power starts from the newest one and not
/// from the genesis. A copy is made on a thread of its own while blocks go on; one that fails is
/// logged and tried again later, and stops nothing: it is only a start's time that depends on it.
class Copier {
  public:
    /// `store` must outlive the copier.
    explicit Copier(ledger::Store& store) : store_(store) {}
    /// Waits for a copy that is being made.
    ~Copier();
    Copier(const Copier&) = delete;
    Copier& operator=(const Copier&) = delete;

    /// Begins a copy if one is due and none is being made. The writer's thread, after block
    /// `height`.
    void copy_if_due(std::uint64_t height);

    /// Waits for a copy that is being made. The thread that stops the engine.
    void finish();

  private:
    ledger::Store& store_;
    std::atomic<std::uint64_t> not_before_{0};  ///< after a failure
    std::atomic<bool> copying_{false};
    std::thread thread_;
};

}  // namespace tallystick::node
