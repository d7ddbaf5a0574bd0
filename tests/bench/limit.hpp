#pragma once

#include <cstddef>

namespace tallystick::bench {

/// Signatures that this machine verifies in a second: libsodium's crypto_sign_verify_detached of
/// messages of 240 bytes, each signature another, on so many threads at once. Takes about
/// `seconds`.
[[nodiscard]] double verifications_per_second(std::size_t threads, double seconds);

}  // namespace tallystick::bench
