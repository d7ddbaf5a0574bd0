#include <sodium.h>

#include <new>
#include <utility>

#include "protocol/crypto.hpp"

namespace tallystick {

namespace {

constexpr std::uint64_t operations_max = 16;
constexpr std::uint64_t memory_bytes_max = std::uint64_t{1} << 30;

/// Within the library's bounds and ours. A keystore comes from outside: what it asks for must not
/// exhaust the machine.
bool in_bounds(const PassphraseParameters& parameters) noexcept {
    return parameters.operations >= crypto_pwhash_OPSLIMIT_MIN &&
           parameters.operations <= operations_max &&
           parameters.memory_bytes >= crypto_pwhash_MEMLIMIT_MIN &&
           parameters.memory_bytes <= memory_bytes_max &&
           parameters.salt.size() == crypto_pwhash_SALTBYTES &&
           parameters.nonce.size() == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
}

/// Argon2id. Null if the memory cannot be had.
std::unique_ptr<SecretBytes> key_from(ByteView passphrase, const PassphraseParameters& parameters) {
    auto key = std::make_unique<SecretBytes>(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
    const auto made = crypto_pwhash(
        key->data(), key->size(), text_of(passphrase).data(), passphrase.size(),
        bytes_of(parameters.salt).data(), parameters.operations,
        static_cast<std::size_t>(parameters.memory_bytes), crypto_pwhash_ALG_ARGON2ID13);
    if (made != 0) return nullptr;
    return key;
}

}  // namespace

SecretBytes::SecretBytes(std::size_t size) : data_(nullptr), size_(size) {
    if (sodium_init() < 0) throw std::bad_alloc{};
    data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
    if (data_ == nullptr) throw std::bad_alloc{};
    sodium_memzero(data_, size);
}

SecretBytes::~SecretBytes() {
    sodium_free(data_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
        sodium_free(data_);
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

PassphraseParameters new_passphrase_parameters() {
    return {crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE,
            random_string(crypto_pwhash_SALTBYTES),
            random_string(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)};
}

std::string seal_with_passphrase(ByteView plain, std::string_view associated, ByteView passphrase,
                                 const PassphraseParameters& parameters) {
    if (!in_bounds(parameters)) return {};
    const auto key = key_from(passphrase, parameters);
    if (!key) return {};
    std::string sealed(plain.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        reinterpret_cast<std::uint8_t*>(sealed.data()), nullptr, plain.data(), plain.size(),
        bytes_of(associated).data(), associated.size(), nullptr, bytes_of(parameters.nonce).data(),
        key->data());
    return sealed;
}

std::unique_ptr<SecretBytes> open_with_passphrase(std::string_view sealed,
                                                  std::string_view associated, ByteView passphrase,
                                                  const PassphraseParameters& parameters) {
    if (!in_bounds(parameters)) return nullptr;
    if (sealed.size() < crypto_aead_xchacha20poly1305_ietf_ABYTES) return nullptr;
    const auto key = key_from(passphrase, parameters);
    if (!key) return nullptr;
    auto plain =
        std::make_unique<SecretBytes>(sealed.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES);
    const auto opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain->data(), nullptr, nullptr, bytes_of(sealed).data(), sealed.size(),
        bytes_of(associated).data(), associated.size(), bytes_of(parameters.nonce).data(),
        key->data());
    if (opened != 0) return nullptr;
    return plain;
}

}  // namespace tallystick
