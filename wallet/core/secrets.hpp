#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "protocol/crypto.hpp"
#include "wallet/core/files.hpp"
#include "wallet/core/problem.hpp"

/// Passphrases: never in a flag, in the environment, in a log or in an error.
namespace tallystick::wallet {

inline constexpr std::size_t passphrase_bytes_max = 1024;
inline constexpr std::size_t new_passphrase_bytes_min = 8;

/// No core dumps, and no other process of the same user may read this one's memory. Call first.
void harden_process() noexcept;

/// Reads a passphrase from a file or a descriptor (`/dev/fd/3`): its first line, without the line's
/// end. Refuses a regular file that others can open, an empty line, and more than 1,024 bytes.
[[nodiscard]] Try<SecretBytes> passphrase_from_file(const fs::path& path);

/// Asks on the terminal (/dev/tty) without showing what is typed. Refuses (`no_terminal`) where
/// there is none, an empty answer, and more than 1,024 bytes; restores the terminal also when
/// interrupted.
[[nodiscard]] Try<SecretBytes> passphrase_from_terminal(std::string_view prompt);

/// Are the two equal? Takes the same time wherever they differ.
[[nodiscard]] bool equal_secrets(const SecretBytes& a, const SecretBytes& b) noexcept;

}  // namespace tallystick::wallet
