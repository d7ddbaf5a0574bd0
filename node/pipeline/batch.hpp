#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "ledger/state_machine.hpp"
#include "node/node_service.hpp"

namespace tallystick::node {

/// What was handed in together. Answers arrive from several threads, each at its own place; the one
/// that gives the last answer calls `done`.
class Batch {
  public:
    Batch(std::size_t size, NodeService::SubmitDone done)
        : answers_(size), missing_(size), done_(std::move(done)) {}

    /// @pre no answer was given for this place yet.
    void answer(std::size_t place, Answer answer) {
        answers_[place] = std::move(answer);
        if (missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) done_(std::move(answers_));
    }

  private:
    std::vector<Answer> answers_;
    std::atomic<std::size_t> missing_;
    NodeService::SubmitDone done_;
};

/// One envelope on its way through the pipeline.
struct Job {
    std::shared_ptr<Batch> batch;
    std::size_t place = 0;              ///< in its batch
    std::size_t size_bytes = 0;         ///< of the envelope, as counted in the budget
    std::string bytes;                  ///< until it is decoded
    ledger::VerifiedEnvelope envelope;  ///< from then on
    unsigned offers = 0;                ///< how often a block skipped it for a pending deadline
};

/// Bounds what is under way between `submit` and the answer, so that every queue inside is bounded.
/// Any thread.
class Budget {
  public:
    Budget(std::size_t envelopes_max, std::size_t bytes_max)
        : envelopes_max_(envelopes_max), bytes_max_(bytes_max) {}

    /// False (and nothing taken) if that would be more than the bounds.
    [[nodiscard]] bool take(std::size_t size_bytes) noexcept {
        if (envelopes_.fetch_add(1) >= envelopes_max_) {
            envelopes_.fetch_sub(1);
            return false;
        }
        if (bytes_.fetch_add(size_bytes) + size_bytes > bytes_max_) {
            bytes_.fetch_sub(size_bytes);
            envelopes_.fetch_sub(1);
            return false;
        }
        return true;
    }
    void give_back(std::size_t size_bytes) noexcept {
        bytes_.fetch_sub(size_bytes);
        envelopes_.fetch_sub(1);
    }
    [[nodiscard]] std::size_t envelopes() const noexcept { return envelopes_.load(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.load(); }
    [[nodiscard]] std::size_t envelopes_max() const noexcept { return envelopes_max_; }
    [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }

  private:
    std::size_t envelopes_max_;
    std::size_t bytes_max_;
    std::atomic<std::size_t> envelopes_{0};
    std::atomic<std::size_t> bytes_{0};
};

}  // namespace tallystick::node
