#include "node/supervisor.hpp"

#ifdef TALLYSTICK_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include <cstdint>

namespace tallystick::node {
namespace {

void notify([[maybe_unused]] const std::string& state) {
#ifdef TALLYSTICK_SYSTEMD
    sd_notify(0, state.c_str());
#endif
}

}  // namespace

void notify_ready(const std::string& status) {
    notify("READY=1\nSTATUS=" + status);
}

void notify_stopping() {
    notify("STOPPING=1");
}

void notify_alive() {
    notify("WATCHDOG=1");
}

std::optional<std::chrono::milliseconds> watchdog_interval() {
#ifdef TALLYSTICK_SYSTEMD
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) > 0)
        return std::chrono::milliseconds{microseconds / 2000};  // half of what is allowed
#endif
    return std::nullopt;
}

}  // namespace tallystick::node
