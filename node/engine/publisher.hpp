#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ledger/store/store.hpp"
#include "node/pipeline/batch.hpp"
#include "node/read_side.hpp"

namespace tallystick::node {

/// What became durable, counted. Read from any thread.
struct PublishedCounters {
    std::atomic<std::uint64_t> done{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> skipped{0};
    std::atomic<std::uint64_t> repeated{0};
    std::atomic<std::uint64_t> due_done{0};
    std::atomic<std::uint64_t> commit_microseconds{0};
};

/// An executed block on its way to the disk and to readers.
struct ExecutedBlock {
    ledger::BlockToStore to_store;  ///< its views must outlive the call
    std::shared_ptr<const ledger::EncodedBlock> encoded;
    const ledger::AdvancedBlock& advanced;
};

/// Makes executed blocks durable, shows them to readers, and says what became of envelopes: what
/// every engine does once a block is decided. One thread at a time, in the order of heights.
class Publisher {
  public:
    /// Both must outlive this.
    Publisher(ledger::Store& store, ReadSide& read_side) : store_(store), read_side_(read_side) {}

    /// Appends and applies. The error says why nothing more can be written.
    [[nodiscard]] std::optional<std::string> write(const ExecutedBlock& block);

    /// Shows a written block to readers and to those who listen. From here on it can be read.
    [[nodiscard]] std::shared_ptr<const BlockEvent> show(const ExecutedBlock& block);

    /// The answer for an envelope of a block that is shown: its outcome; the first outcome if its
    /// id was used before; why it was skipped. @param first was it ordered for this caller?
    [[nodiscard]] Answer answer(const BlockEvent& event, const ledger::EnvelopeResult& became,
                                const EnvelopeId& id, bool first);

    /// How often a job is offered again while deadlines are caught up with. Each block runs a
    /// thousand of them; whoever waits longer than this is told.
    static constexpr unsigned offers_max = 200;

    [[nodiscard]] PublishedCounters& counters() noexcept { return counters_; }
    [[nodiscard]] const PublishedCounters& counters() const noexcept { return counters_; }

  private:
    ledger::Store& store_;
    ReadSide& read_side_;
    PublishedCounters counters_;
};

/// A segment whose handover is decided, and how far this node has come.
struct SegmentEnd {
    std::uint64_t last = 0;     ///< the segment's last block
    std::uint64_t height = 0;   ///< the newest block that is here
    std::uint64_t headers = 0;  ///< the newest block whose header and commit are here
};

/// What the operator is told meanwhile: to wait, or to run `tallyd handover`.
[[nodiscard]] std::string segment_end_sentence(const SegmentEnd& end);

/// The app hash that the next header carries.
[[nodiscard]] Hash app_hash_of(const pb::AppState& state);

}  // namespace tallystick::node
