#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// What the process says about itself: JSON lines on standard error, one event a line, with a
/// stable `event` and its facts. Never keys, names of people or whole envelopes. Any thread.
namespace tallystick::node {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// Events below `level` are not written. `name` is one of debug, info, warning, error, off.
void set_log_level(std::string_view name);

/// {"time": ..., "level": ..., "event": event, facts...}. Bytes that are not UTF-8 are replaced.
void log_event(LogLevel level, std::string_view event,
               std::initializer_list<std::pair<std::string_view, std::string>> facts = {});
/// The same with facts whose number is not known beforehand.
void log_event(LogLevel level, std::string_view event,
               std::span<const std::pair<std::string_view, std::string>> facts);

}  // namespace tallystick::node
