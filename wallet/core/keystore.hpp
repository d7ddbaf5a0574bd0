#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/crypto.hpp"
#include "wallet/core/files.hpp"
#include "wallet/core/problem.hpp"

/// Keys on disk, one file a key, under a passphrase. The file has three lines, each ended by a line
/// feed:
///   1. the header, JSON: {"format":"tallystick-key-1","name","public_key","kdf":"argon2id",
///      "operations","memory_bytes","salt","cipher":"xchacha20-poly1305","nonce"}; bytes in
///      lower-case hexadecimal
///   2. the seed (32 bytes) sealed with XChaCha20-Poly1305, the header line authenticated, in
///      lower-case hexadecimal
///   3. SHA-256 of the two lines with their line feeds, in lower-case hexadecimal
/// The third line tells damage apart from a wrong passphrase; it protects nothing, the seal does.
namespace tallystick::wallet {

inline constexpr std::string_view key_format = "tallystick-key-1";
inline constexpr std::size_t key_file_bytes_max = 4096;

/// What a key's file says without its passphrase.
struct KeyInfo {
    std::string name;
    PublicKey public_key;
};

/// A key's file taken apart; opened with `open_key`.
struct SealedKey {
    KeyInfo info;
    std::string header;  ///< line 1 without its line feed
    std::string sealed;  ///< raw
    PassphraseParameters parameters;
};

/// 1 to 40 lower-case ASCII letters, digits and `-`; neither first nor last a `-`.
[[nodiscard]] bool is_key_name(std::string_view name) noexcept;

/// The content of a key's file. Refuses a bad name (`bad_key_name`) and a machine without the
/// memory that `parameters` call for (`no_memory`).
[[nodiscard]] Try<std::string> seal_key(const SigningKey& key, std::string_view name,
                                        const SecretBytes& passphrase,
                                        const PassphraseParameters& parameters);

/// Takes a file's content apart. Refuses another format (`not_a_key_file`) and any altered bit
/// (`key_file_damaged`).
[[nodiscard]] Try<SealedKey> parse_key_file(std::string_view content);

/// The key. Refuses a wrong passphrase (`wrong_passphrase`); the same answer if someone altered the
/// file and mended its check line, and then no passphrase opens it.
[[nodiscard]] Try<SigningKey> open_key(const SealedKey& sealed, const SecretBytes& passphrase);

/// The keys of a wallet's folder, in `keys/NAME.key`.
class Keystore {
  public:
    explicit Keystore(fs::path wallet_folder) : folder_(std::move(wallet_folder) / "keys") {}

    /// Writes a new key; refuses (`file_exists`) to take the place of one.
    [[nodiscard]] Try<void> add(std::string_view name, std::string_view content) const;
    /// Reads a key's file. Refuses a name that is none, a missing one (`no_such_key`), a file that
    /// others can open (`file_open_to_others`) and what `parse_key_file` refuses.
    [[nodiscard]] Try<SealedKey> find(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] fs::path path_of(std::string_view name) const;

  private:
    fs::path folder_;
};

}  // namespace tallystick::wallet
