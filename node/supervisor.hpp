#pragma once

#include <chrono>
#include <optional>
#include <string>

/// What systemd wants to hear (Type=notify, WatchdogSec). Without systemd nothing happens.
namespace tallystick::node {

void notify_ready(const std::string& status);
void notify_stopping();
void notify_alive();

/// How often `notify_alive` must be called at least; nothing where nobody watches.
[[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_interval();

}  // namespace tallystick::node
