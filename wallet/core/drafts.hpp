#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/envelope.hpp"
#include "protocol/pb.hpp"
#include "wallet/core/problem.hpp"

/// Half-signed envelopes that travel between colleagues as files, and bodies that an importer
/// prepared.
namespace tallystick::wallet {

inline constexpr std::string_view draft_magic = "tallystick draft 1\n";
inline constexpr std::string_view bodies_magic = "tallystick bodies 1\n";
inline constexpr std::size_t draft_file_bytes_max = envelope_bytes_max + 1024;
inline constexpr std::size_t bodies_file_bytes_max = 268435456;
inline constexpr std::size_t bodies_max = 200000;

/// A half-signed envelope, its form and every signature checked.
struct HalfSigned {
    std::string body_bytes;
    pb::Body body;
    std::vector<pb::Signature> signatures;  ///< ascending by key, all true

    [[nodiscard]] EnvelopeId id() const { return envelope_id(body_bytes); }
    /// Keys that have signed, ascending.
    [[nodiscard]] std::vector<std::string> signers() const;
};

/// @pre `body` has its nonce, ledger id and validity.
[[nodiscard]] HalfSigned unsigned_draft(const pb::Body& body);

/// Adds a signature; signing twice changes nothing. Refuses the thirty-third signature.
[[nodiscard]] Try<void> add_signature(HalfSigned& draft, const SigningKey& key);

/// Canonical bytes of the envelope. @pre at least one signature.
[[nodiscard]] std::string envelope_bytes(const HalfSigned& draft);

/// The file's bytes.
[[nodiscard]] std::string draft_file(const HalfSigned& draft);

/// Reads a draft's file. Refuses what is none (`not_a_draft`), a damaged one (`draft_damaged`), and
/// a signature that is not true (`false_signature`): a colleague's approval must not be forged.
[[nodiscard]] Try<HalfSigned> parse_draft(std::string_view file);

/// Reads a file of prepared bodies; each holds a Body without nonce and time. Refuses what is none
/// (`not_bodies`) and a damaged one (`bodies_damaged`), naming the row.
[[nodiscard]] Try<pb::PreparedBodies> parse_bodies(std::string_view file);

}  // namespace tallystick::wallet
