#include "protocol/crypto.hpp"

#include <sodium.h>

#include "protocol/crypto_vectors.hpp"
#include "protocol/ensure.hpp"

namespace tallystick {

namespace {

static_assert(PublicKey::size == crypto_sign_PUBLICKEYBYTES);
static_assert(SignatureBytes::size == crypto_sign_BYTES);
static_assert(SigningKey::seed_bytes == crypto_sign_SEEDBYTES);

/// Keys may be made before `initialise_crypto` (in tests); libsodium's allocator may not.
void prepare_sodium() noexcept {
    static const bool ready = sodium_init() >= 0;
    ensure(ready, "libsodium could not be initialised");
}

}  // namespace

bool initialise_crypto() {
    static const bool as_demanded = [] {
        if (sodium_init() < 0) return false;
        return judges_pinned_vectors();
    }();
    return as_demanded;
}

bool verify_signature(const PublicKey& key, ByteView message,
                      const SignatureBytes& signature) noexcept {
    return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                       key.bytes.data()) == 0;
}

bool is_valid_authority_key(const PublicKey& key) noexcept {
    return crypto_core_ed25519_is_valid_point(key.bytes.data()) == 1;
}

SigningKey SigningKey::generate() {
    SecretBytes seed{seed_bytes};
    random_bytes(seed.data(), seed.size());
    return from_seed(seed.view());
}

SigningKey SigningKey::from_seed(ByteView seed) {
    ensure(seed.size() == seed_bytes, "an Ed25519 seed has 32 bytes");
    prepare_sodium();
    PublicKey public_key;
    SecretBytes secret{crypto_sign_SECRETKEYBYTES};
    crypto_sign_seed_keypair(public_key.bytes.data(), secret.data(), seed.data());
    return {public_key, std::move(secret)};
}

SignatureBytes SigningKey::sign(ByteView message) const {
    SignatureBytes signature;
    crypto_sign_detached(signature.bytes.data(), nullptr, message.data(), message.size(),
                         secret_.data());
    return signature;
}

SecretBytes SigningKey::seed() const {
    SecretBytes seed{seed_bytes};
    crypto_sign_ed25519_sk_to_seed(seed.data(), secret_.data());
    return seed;
}

void random_bytes(std::uint8_t* out, std::size_t size) noexcept {
    prepare_sodium();
    randombytes_buf(out, size);
}

std::string random_string(std::size_t size) {
    std::string random(size, '\0');
    random_bytes(reinterpret_cast<std::uint8_t*>(random.data()), size);
    return random;
}

}  // namespace tallystick
