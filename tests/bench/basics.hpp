#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

/// What every part of the benchmark needs: the two clocks, and the way out.
namespace tallystick::bench {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Since 1970-01-01 UTC, by the machine's clock.
[[nodiscard]] inline std::uint64_t now_seconds() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

/// Says why nothing is measured, and ends the program. Any thread: of several the first ends it,
/// since what ends with the program (nodes that it started) must be ended once and wholly.
[[noreturn]] inline void give_up(const std::string& why) {
    static std::mutex ending;
    std::fprintf(stderr, "tally-bench: %s\n", why.c_str());
    ending.lock();
    std::exit(1);
}

}  // namespace tallystick::bench
