// ZIP-215 for the signatures under commits, on libsodium 1.0.18's public functions.
//
// To decide: 8 (R - (S B - k A)) = identity, with k = SHA-512(R A M) over the bytes as given. It is
// the same as 8R + k (8A) = 8 (S B), where 8A lies in the main subgroup (or is the identity), so
// that:
// - crypto_core_ed25519_add decodes any encoding of a point on the curve, small-order and
//   non-canonical ones too, and gives canonical bytes: doubling three times makes 8P;
// - crypto_scalarmult_ed25519_noclamp, which takes only points of the main subgroup, may be given
// 8A;
// - the products that it refuses to return (a scalar of 0, the identity as the point) are the
//   identity, and are put in by hand.
#include <sodium.h>

#include "protocol/crypto.hpp"

namespace tallystick {

namespace {

using Point = std::array<std::uint8_t, crypto_core_ed25519_BYTES>;
using Scalar = std::array<std::uint8_t, crypto_core_ed25519_SCALARBYTES>;

constexpr Point identity{1};

/// The order of the main subgroup, 2^252 + 27742317777372353535851937790883648493, little-endian.
constexpr Scalar group_order{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                             0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                             0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

bool is_canonical(const Scalar& scalar) noexcept {
    for (std::size_t i = scalar.size(); i-- > 0;) {
        if (scalar[i] != group_order[i]) return scalar[i] < group_order[i];
    }
    return false;
}

/// Replaces a point by eight times it, in canonical bytes. False if the bytes are no point.
bool multiply_by_eight(Point& point) noexcept {
    for (int doubling = 0; doubling < 3; ++doubling) {
        Point twice;
        if (crypto_core_ed25519_add(twice.data(), point.data(), point.data()) != 0) return false;
        point = twice;
    }
    return true;
}

/// @pre `point` is canonical and in the main subgroup, or the identity; `scalar` is reduced.
Point multiply(const Scalar& scalar, const Point& point) noexcept {
    if (point == identity || scalar == Scalar{}) return identity;
    Point product;
    if (crypto_scalarmult_ed25519_noclamp(product.data(), scalar.data(), point.data()) != 0)
        return identity;
    return product;
}

/// @pre `scalar` is reduced.
Point multiply_base(const Scalar& scalar) noexcept {
    if (scalar == Scalar{}) return identity;
    Point product;
    if (crypto_scalarmult_ed25519_base_noclamp(product.data(), scalar.data()) != 0) return identity;
    return product;
}

/// k, reduced.
Scalar challenge(ByteView r, const PublicKey& key, ByteView message) noexcept {
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, r.data(), r.size());
    crypto_hash_sha512_update(&state, key.bytes.data(), key.bytes.size());
    crypto_hash_sha512_update(&state, message.data(), message.size());
    std::array<std::uint8_t, crypto_hash_sha512_BYTES> digest;
    crypto_hash_sha512_final(&state, digest.data());
    Scalar reduced;
    crypto_core_ed25519_scalar_reduce(reduced.data(), digest.data());
    return reduced;
}

bool zip215_accepts(const PublicKey& key, ByteView message,
                    const SignatureBytes& signature) noexcept {
    Point r;
    Scalar s;
    for (std::size_t i = 0; i < 32; ++i) {
        r[i] = signature.bytes[i];
        s[i] = signature.bytes[32 + i];
    }
    // Without this bound S + L would be a second signature of the same message.
    if (!is_canonical(s)) return false;
    const auto k = challenge(r, key, message);

    Point eight_a = key.bytes;
    if (!multiply_by_eight(eight_a) || !multiply_by_eight(r)) return false;
    Point left;
    if (crypto_core_ed25519_add(left.data(), r.data(), multiply(k, eight_a).data()) != 0)
        return false;
    Point right = multiply_base(s);
    return multiply_by_eight(right) && left == right;
}

}  // namespace

bool verify_commit_signature(const PublicKey& key, ByteView message,
                             const SignatureBytes& signature) noexcept {
    return verify_signature(key, message, signature) || zip215_accepts(key, message, signature);
}

}  // namespace tallystick
