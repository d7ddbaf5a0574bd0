// The low-level SHA-256 of libcrypto uses the processor's SHA instructions and, unlike the EVP
// interface, allocates and looks up nothing per hash; it is deprecated in name only.
#define OPENSSL_API_COMPAT 10101

#include <openssl/sha.h>

#include "protocol/crypto.hpp"

namespace tallystick {

namespace {

class Sha256 {
  public:
    Sha256() noexcept { SHA256_Init(&state_); }
    void add(const void* data, std::size_t size) noexcept { SHA256_Update(&state_, data, size); }
    void add(std::string_view data) noexcept { add(data.data(), data.size()); }
    [[nodiscard]] Hash finish() noexcept {
        Hash hash;
        SHA256_Final(hash.bytes.data(), &state_);
        return hash;
    }

  private:
    SHA256_CTX state_;
};

}  // namespace

Hash sha256(ByteView data) noexcept {
    Sha256 hasher;
    hasher.add(data.data(), data.size());
    return hasher.finish();
}

Hash sha256(std::string_view data) noexcept {
    return sha256(bytes_of(data));
}

Hash sha256_of(std::initializer_list<std::string_view> parts) noexcept {
    Sha256 hasher;
    for (const auto part : parts) hasher.add(part);
    return hasher.finish();
}

Hash tagged_hash(std::string_view domain, std::initializer_list<std::string_view> parts) noexcept {
    Sha256 hasher;
    hasher.add(domain);
    hasher.add("\0", 1);
    for (const auto part : parts) hasher.add(part);
    return hasher.finish();
}

std::string tagged_message(std::string_view domain, std::initializer_list<std::string_view> parts) {
    std::size_t size = domain.size() + 1;
    for (const auto part : parts) size += part.size();
    std::string message;
    message.reserve(size);
    message.append(domain).push_back('\0');
    for (const auto part : parts) message.append(part);
    return message;
}

ValidatorAddress address_of(const PublicKey& key) noexcept {
    const auto hash = sha256(key.view());
    ValidatorAddress address;
    for (std::size_t i = 0; i < ValidatorAddress::size; ++i) address.bytes[i] = hash.bytes[i];
    return address;
}

}  // namespace tallystick
