#pragma once

namespace tallystick {

/// Stops the process with `why` on standard error: a bug was found and going on could harm the
/// ledger.
[[noreturn]] void stop_on_bug(const char* why) noexcept;

/// States what must be true unless this program has a bug. Always compiled. Never on outside input.
inline void ensure(bool condition, const char* why) noexcept {
    if (!condition) stop_on_bug(why);
}

}  // namespace tallystick
