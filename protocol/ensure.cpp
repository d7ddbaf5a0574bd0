#include "protocol/ensure.hpp"

#include <cstdio>
#include <cstdlib>

namespace tallystick {

void stop_on_bug(const char* why) noexcept {
    std::fputs("tallystick: stopped by a bug: ", stderr);
    std::fputs(why, stderr);
    std::fputc('\n', stderr);
    std::abort();
}

}  // namespace tallystick
