#pragma once

#include <array>
#include <string>
#include <string_view>

#include "protocol/crypto.hpp"
#include "wallet/core/keystore.hpp"
#include "wallet/core/problem.hpp"

/// A key on paper: 24 groups of three characters, four groups a line.
///
/// Alphabet: Crockford's base 32 (0-9 A-Z without I, L, O, U; typed O is 0, typed I and L are 1).
/// Each line holds 10 data symbols and 2 check symbols. The data symbols of the six lines are the
/// seed's 256 bits, most significant first, then the first 44 bits of
/// SHA-256("tallystick/recovery/1" 00 seed). A line with its number (1 to 6) behind it is a word of
/// a Reed-Solomon code over GF(32) (x^5 + x^2 + 1) with the roots 1 and x: any one or two wrong
/// characters of a line and any two lines exchanged are found, and of a single wrong character also
/// where it stands.
namespace tallystick::wallet {

inline constexpr std::size_t recovery_groups = 24;
inline constexpr std::size_t recovery_group_symbols = 3;

/// The groups of a seed, in order. As secret as the seed.
/// @pre `seed` has SigningKey::seed_bytes bytes.
[[nodiscard]] std::array<std::string, recovery_groups> recovery_groups_of(ByteView seed);

/// The sheet to print: what it is, the key's name and public key, six numbered lines, and how to
/// use it.
[[nodiscard]] std::string recovery_sheet(const SigningKey& key, std::string_view name);

/// The key of 24 groups as typed, with any spaces and dashes between. Refuses a character that is
/// not of the alphabet, a wrong number of them (`bad_sheet`), a mistyped line, which it names with
/// the group where that is certain (`sheet_line_wrong`), and a checksum that does not fit.
[[nodiscard]] Try<SigningKey> key_from_groups(std::string_view typed);

/// The groups within a sheet's text, or the text itself if it holds nothing but groups.
[[nodiscard]] std::string groups_in_sheet(std::string_view sheet);

}  // namespace tallystick::wallet
