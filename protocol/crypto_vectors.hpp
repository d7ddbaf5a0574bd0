#pragma once

namespace tallystick {

/// Does the library judge the pinned keys and signatures as consensus demands? They stand at the
/// edges where implementations of Ed25519 differ; tests/vectors/make_ed25519_vectors.py makes them
/// and says why each is there. Called once, by `initialise_crypto`; a few milliseconds.
[[nodiscard]] bool judges_pinned_vectors();

}  // namespace tallystick
