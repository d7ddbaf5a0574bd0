#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/log.hpp"

/// The engine's log, told as ours: one log for the operator.
namespace tallystick::node {

/// One event as it goes into our log.
struct EngineEvent {
    LogLevel level = LogLevel::info;
    std::vector<std::pair<std::string, std::string>> facts;  ///< "message" first
};

/// What a line of the engine says: JSON with `level`, `_msg`, `module`, or whatever a dying program
/// prints. Only named facts are taken over; a line that could hold a key is not. The engine calls
/// every peer that it cannot reach an error; here that is a warning.
[[nodiscard]] EngineEvent engine_event(std::string_view line);

/// Has the part of the engine that agrees on blocks come to its end? The process goes on without
/// it.
[[nodiscard]] bool says_consensus_failed(std::string_view line);

/// Has it given up taking a snapshot, or going on with the one that it took? The process goes on
/// and never does anything again.
[[nodiscard]] bool says_state_sync_failed(std::string_view line);

/// Keeps the log readable where the engine says one thing over and over, as it does of a peer that
/// takes each connection and closes it at once. One thread.
class RepeatedMessages {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr unsigned told_max = 5;  ///< of one message in each `window`
    static constexpr std::chrono::seconds window{10};

    /// How often this message was left out since it was last told; nothing if it is to be left out
    /// again.
    [[nodiscard]] std::optional<std::uint64_t> tell(const std::string& message,
                                                    Clock::time_point now);

  private:
    struct Count {
        Clock::time_point since;
        unsigned told = 0;
        std::uint64_t left_out = 0;
    };
    std::map<std::string, Count> counts_;
};

/// Logs the engine's lines as the event `engine`; of warnings that repeat themselves only some, the
/// next of which says how many are missing (`left_out`). One thread.
class EngineLog {
  public:
    void take(std::string_view line);

  private:
    RepeatedMessages repeated_;
};

}  // namespace tallystick::node
