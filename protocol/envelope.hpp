#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

namespace tallystick {

inline constexpr std::size_t envelope_bytes_max = 131072;
inline constexpr std::size_t signatures_max = 32;
inline constexpr std::size_t co_signers_max = 4;
inline constexpr std::size_t nonce_bytes = 16;
/// `valid_until` lies at most 30 days after now. A constant, not a parameter.
inline constexpr std::uint64_t validity_seconds_max = 2592000;

/// Why bytes are not an envelope. Such bytes are never in a block.
enum class EnvelopeError : std::uint8_t {
    too_large = 1,
    not_canonical = 2,  ///< bytes that do not re-encode to themselves, or an enum value not listed
    body_not_canonical = 3,
    bad_ledger_id = 4,  ///< not 32 bytes
    bad_account = 5,
    bad_co_signers =
        6,  ///< malformed, unsorted, repeated, the acting account itself, or more than 4
    bad_nonce = 7,
    bad_valid_until = 8,  ///< 0 or past the year 9999
    no_action = 9,
    no_signatures = 10,
    too_many_signatures = 11,
    signatures_unsorted = 12,  ///< not strictly ascending by public key
    bad_signature_form = 13,   ///< a key or signature of the wrong length
    false_signature = 14,      ///< one that does not verify
};

[[nodiscard]] std::string_view envelope_error_name(EnvelopeError error) noexcept;
[[nodiscard]] std::string_view envelope_error_sentence(EnvelopeError error) noexcept;

/// An envelope taken apart, its form checked. Decoded once, then shared by everyone who works on
/// it.
struct DecodedEnvelope {
    EnvelopeId id;       ///< SHA-256("tallystick/tx/1" 00 body)
    Hash envelope_hash;  ///< SHA-256 of the whole envelope; what "verified" is remembered by
    std::string bytes;   ///< the whole envelope
    std::size_t body_begins = 0;  ///< where the canonical body lies in `bytes`
    std::size_t body_size = 0;
    pb::Body body;
    std::vector<std::string> co_signers;  ///< of the body, as the rules want them
    std::vector<std::string>
        signers;  ///< public keys, ascending; all verified once `verify_signatures` said so
    std::vector<SignatureBytes> signatures;  ///< in the order of `signers`

    /// The canonical bytes of the body. Lives as long as `bytes` is neither changed nor moved.
    [[nodiscard]] std::string_view body_bytes() const noexcept {
        return std::string_view{bytes}.substr(body_begins, body_size);
    }
};

/// What is signed and hashed for a body.
[[nodiscard]] std::string signing_message(std::string_view body_bytes);

[[nodiscard]] EnvelopeId envelope_id(std::string_view body_bytes) noexcept;

/// Checks size, canonical form, and every rule of the body and signatures but the signatures' truth
/// and the action's own form (`ledger::check_action`). Cheap next to a signature.
[[nodiscard]] Result<DecodedEnvelope, EnvelopeError> decode_envelope(std::string bytes);

/// Does every signature verify? 50 to 70 microseconds each.
[[nodiscard]] bool verify_signatures(const DecodedEnvelope& envelope);

/// Signs `body` with every key; the signatures come out sorted, a key given twice signs once.
/// Canonical bytes of the envelope.
[[nodiscard]] std::string sign_envelope(const pb::Body& body,
                                        const std::vector<const SigningKey*>& keys);

/// Which class of a policy an envelope needs.
enum class PolicyClass : std::uint8_t { routine, above_limit, policy_change };

/// How many of the policy's keys must sign for this class.
[[nodiscard]] std::uint32_t threshold_of(const pb::Policy& policy,
                                         PolicyClass policy_class) noexcept;

/// Is the policy satisfied by these signers? `signers` ascend; keys that are not the policy's are
/// ignored.
[[nodiscard]] bool is_satisfied(const pb::Policy& policy, PolicyClass policy_class,
                                const std::vector<std::string>& signers);

/// The class of an envelope that moves `hundredths` under `policy`.
[[nodiscard]] PolicyClass class_of(const pb::Policy& policy, std::uint64_t hundredths,
                                   bool changes_policy) noexcept;

/// Is the policy well-formed and satisfiable: 1 to 16 keys of 32 bytes, strictly ascending;
/// thresholds in order and at most the number of keys?
[[nodiscard]] bool is_well_formed(const pb::Policy& policy) noexcept;

/// The message that a key signs to prove itself for an account of a ledger.
[[nodiscard]] std::string key_proof_message(const LedgerId& ledger_id, std::string_view account,
                                            std::string_view public_key);

/// Is the proof's signature by its key true?
[[nodiscard]] bool verify_key_proof(const pb::KeyProof& proof, const LedgerId& ledger_id,
                                    std::string_view account);

/// The hash that seals commitment lines until they are revealed:
/// SHA-256("tallystick/seal/1" 00 ledger id, authority, ocid, lot and supplier each with 2 bytes of
/// length before, 32-byte salt, canonical CommitmentLines).
[[nodiscard]] Hash seal_hash(const LedgerId& ledger_id, const pb::Claim& bidder,
                             std::string_view salt, const pb::CommitmentLines& lines);

/// app_hash = SHA-256("tallystick/app/1" 00 state_root log_root log_size as 8 bytes big-endian).
[[nodiscard]] Hash app_hash(const Hash& state_root, const Hash& log_root,
                            std::uint64_t log_size) noexcept;

}  // namespace tallystick
