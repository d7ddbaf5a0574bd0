#pragma once

#include <string>
#include <string_view>

#include "protocol/pb.hpp"
#include "protocol/types.hpp"
#include "wallet/core/problem.hpp"

/// The public file of somebody who wants to be an authority: JSON with exactly the keys `format`
/// (`tallystick-authority-1`), `ledger_id`, `handle`, `identifiers` [{scheme, id}], `names`
/// [{language, text}], `node` {public_key, power, signature}, and, together or not at all, `policy`
/// {keys, routine_threshold, amount_limit, above_threshold, policy_threshold} and `proofs`
/// [{public_key, signature}]. Bytes are in hexadecimal; `amount_limit` is text. `signature`s are
/// key proofs for this ledger and handle.
namespace tallystick::wallet {

inline constexpr std::size_t authority_file_bytes_max = 65536;

/// Reads the file. The policy is missing where the file has none. Refuses text that is no such file
/// (`bad_authority_file`), one for another ledger (`other_ledger`), and proofs that are not true
/// (`false_key_proof`). The ledger judges the rest.
[[nodiscard]] Try<pb::AdmitAuthority> authority_from_file(std::string_view text,
                                                          const LedgerId& ledger_id);

/// A key proof as `tally key proof` writes it, true for this account. Refuses (`false_key_proof`)
/// any other; `name` is the file's, for the message.
[[nodiscard]] Try<pb::KeyProof> key_proof_from_file(std::string_view text,
                                                    const LedgerId& ledger_id,
                                                    const std::string& account,
                                                    std::string_view name);

}  // namespace tallystick::wallet
