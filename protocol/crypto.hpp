#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/types.hpp"

/// Ed25519 and SHA-256. The sources behind this header are the only ones that include sodium.h or
/// openssl/*.h. All functions may be called from any thread after `initialise_crypto`.
namespace tallystick {

/// Prepares the libraries and checks that they judge the pinned vectors of Ed25519 as consensus
/// demands. Returns false if they do not: the program must not start. Idempotent.
[[nodiscard]] bool initialise_crypto();

[[nodiscard]] Hash sha256(ByteView data) noexcept;
[[nodiscard]] Hash sha256(std::string_view data) noexcept;

/// SHA-256 of the concatenation, without building it.
[[nodiscard]] Hash sha256_of(std::initializer_list<std::string_view> parts) noexcept;

/// SHA-256(domain 00 parts...): how everything that is signed or named is told apart.
[[nodiscard]] Hash tagged_hash(std::string_view domain,
                               std::initializer_list<std::string_view> parts) noexcept;

/// The message that is signed in a domain: domain 00 parts...
[[nodiscard]] std::string tagged_message(std::string_view domain,
                                         std::initializer_list<std::string_view> parts);

namespace domain {
inline constexpr std::string_view envelope = "tallystick/tx/1";
inline constexpr std::string_view key_proof = "tallystick/key/1";
inline constexpr std::string_view seal = "tallystick/seal/1";
inline constexpr std::string_view due = "tallystick/due/1";
inline constexpr std::string_view bundle = "tallystick/bundle/1";
inline constexpr std::string_view app_hash = "tallystick/app/1";
}  // namespace domain

/// Accepts exactly what libsodium 1.0.18's crypto_sign_verify_detached accepts. Part of consensus.
[[nodiscard]] bool verify_signature(const PublicKey& key, ByteView message,
                                    const SignatureBytes& signature) noexcept;

/// For signatures under commits only: what `verify_signature` accepts, and beyond it what ZIP-215
/// accepts (S canonical and 8 (R - (S B - k A)) the identity).
[[nodiscard]] bool verify_commit_signature(const PublicKey& key, ByteView message,
                                           const SignatureBytes& signature) noexcept;

/// May a validator have this key? A point of the main subgroup
/// (crypto_core_ed25519_is_valid_point).
[[nodiscard]] bool is_valid_authority_key(const PublicKey& key) noexcept;

/// Bytes that are wiped when they go, kept out of swap and core dumps where the system allows.
class SecretBytes {
  public:
    explicit SecretBytes(std::size_t size);
    ~SecretBytes();
    SecretBytes(SecretBytes&&) noexcept;
    SecretBytes& operator=(SecretBytes&&) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;

    [[nodiscard]] std::uint8_t* data() noexcept { return data_; }
    [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] ByteView view() const noexcept { return {data_, size_}; }

  private:
    std::uint8_t* data_;
    std::size_t size_;
};

/// An Ed25519 key pair. The secret half never leaves it but as the seed for a keystore.
class SigningKey {
  public:
    static constexpr std::size_t seed_bytes = 32;

    [[nodiscard]] static SigningKey generate();
    /// @pre `seed` has `seed_bytes` bytes.
    [[nodiscard]] static SigningKey from_seed(ByteView seed);

    [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }
    [[nodiscard]] SignatureBytes sign(ByteView message) const;
    /// For writing a keystore. The copy is wiped when it goes.
    [[nodiscard]] SecretBytes seed() const;

  private:
    SigningKey(PublicKey public_key, SecretBytes secret)
        : public_key_(public_key), secret_(std::move(secret)) {}

    PublicKey public_key_;
    SecretBytes secret_;
};

/// Fills with bytes from the system's generator.
void random_bytes(std::uint8_t* out, std::size_t size) noexcept;

/// `size` random bytes as a string: nonces and salts.
[[nodiscard]] std::string random_string(std::size_t size);

/// First 20 bytes of SHA-256 of the key: how a commit names a validator.
[[nodiscard]] ValidatorAddress address_of(const PublicKey& key) noexcept;

/// A keystore's encryption: Argon2id from a passphrase, then XChaCha20-Poly1305.
struct PassphraseParameters {
    std::uint64_t operations = 0;
    std::uint64_t memory_bytes = 0;
    std::string salt;   ///< 16 bytes
    std::string nonce;  ///< 24 bytes
};

/// Costs for interactive use (libsodium's MODERATE), with fresh salt and nonce.
[[nodiscard]] PassphraseParameters new_passphrase_parameters();

/// Encrypts `plain`, authenticating `associated`. Empty if the memory for Argon2id cannot be had.
[[nodiscard]] std::string seal_with_passphrase(ByteView plain, std::string_view associated,
                                               ByteView passphrase,
                                               const PassphraseParameters& parameters);

/// Nothing for a wrong passphrase or any altered byte, or parameters out of bounds (an attacker's
/// file must not cost more than 1 GiB or 16 operations).
[[nodiscard]] std::unique_ptr<SecretBytes> open_with_passphrase(
    std::string_view sealed, std::string_view associated, ByteView passphrase,
    const PassphraseParameters& parameters);

}  // namespace tallystick
