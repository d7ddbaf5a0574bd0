#pragma once

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

/// Logs it as the event `engine`.
void log_engine_line(std::string_view line);

}  // namespace tallystick::node
