#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/chain_fault.hpp"
#include "protocol/envelope.hpp"
#include "protocol/handover.hpp"
#include "protocol/keys.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"
#include "protocol/state_proof.hpp"
#include "protocol/trust.hpp"

/// The receipt file (`.tally`): the magic, then a canonical pb::Receipt. Verified without network
/// or clock. Every byte of it is authenticated.
namespace tallystick {

inline constexpr std::string_view receipt_magic = "tallystick receipt 1\n";
inline constexpr std::size_t receipt_bytes_max = 4194304;

/// Why a receipt proves nothing.
enum class ReceiptFault : std::uint8_t {
    too_large = 1,
    not_a_receipt = 2,           ///< the magic is missing
    not_canonical = 3,           ///< bytes that do not re-encode to themselves
    incomplete = 4,              ///< a part is missing or of the wrong length
    other_ledger = 5,            ///< of another ledger than the trust file
    unknown_chain = 6,           ///< the trust file has no such chain, and no handover leads there
    chain = 7,                   ///< a header or its signatures: see `chain`
    not_trusted = 8,             ///< nothing leads from the trust file to the block
    fork = 9,                    ///< a different block stands at the trusted height
    listed_set_differs = 10,     ///< another set than the trust file lists for that height
    app_hash_mismatch = 11,      ///< the roots are not those in the header
    state_proof = 12,            ///< see `state_proof`
    log_proof = 13,              ///< the entry is not in the log at that place
    entry_not_canonical = 14,    ///< the log entry is malformed
    envelope_mismatch = 15,      ///< the envelope is not the one that the entry names
    bad_key = 16,                ///< not a key of the state, or not of the kind that is claimed
    value_not_canonical = 17,    ///< the value is not what stands under such a key
    redemption_incomplete = 18,  ///< not all of its lines, or not in order
    segment_ended = 19,          ///< a block behind the end of its segment: another went on
    handover = 20,               ///< a handover on the way proves nothing: see `handover`
    handover_out_of_place = 21,  ///< a handover that does not lie on the way to the block
};

struct ReceiptError {
    ReceiptFault fault;
    std::optional<ChainFault> chain;             ///< with ReceiptFault::chain
    std::optional<StateProofFault> state_proof;  ///< with ReceiptFault::state_proof
    std::optional<HandoverError> handover = {};  ///< with ReceiptFault::handover
};

/// Stable name of the reason, the most precise one: `false_signature`, `wrong_root`, `fork`...
[[nodiscard]] std::string_view receipt_error_name(const ReceiptError& error) noexcept;
/// One plain sentence for people.
[[nodiscard]] std::string_view receipt_error_sentence(const ReceiptError& error) noexcept;

/// This envelope or due item had this outcome.
struct ProvedOutcome {
    pb::LogEntry entry;
    std::uint64_t log_index = 0;
    std::optional<DecodedEnvelope> envelope;  ///< if the receipt carries it
};

/// A state entry, or its absence.
struct ProvedEntry {
    std::string key_bytes;
    ParsedKey key;
    std::optional<std::string> value;  ///< canonical value of the key's kind; nothing: absent
};

/// A balance; one that is absent is zero.
struct ProvedBalance {
    std::string account;
    pb::Claim claim;
    pb::Balance balance;
    bool present = false;
};

struct ProvedRedemption {
    std::string id;  ///< 32 bytes
    pb::Redemption redemption;
    std::vector<pb::RedemptionLine> lines;
};

using Statement = std::variant<ProvedOutcome, ProvedBalance, ProvedRedemption, ProvedEntry>;

struct ReceiptSigner {
    std::string authority;  ///< empty where the trust file does not name the key
    PublicKey public_key;
    std::int64_t power = 0;
};

/// What a receipt proves, by whom, as of when.
struct VerifiedReceipt {
    Statement statement;
    LedgerId ledger_id;
    std::string ledger_name;  ///< as the trust file has it
    std::string chain_id;
    std::int64_t height = 0;  ///< of the header that proves; it tells of the state one block before
    pb::Timestamp time;       ///< of that header
    Hash header_hash;
    pb::AppState app_state;
    std::vector<ReceiptSigner> signers;
    std::int64_t signed_power = 0;
    std::int64_t total_power = 0;
    std::size_t validators = 0;
};

/// The file's bytes for a receipt.
[[nodiscard]] std::string receipt_file(const pb::Receipt& receipt);

/// Verifies a receipt file against a trust file: walks from it over the trail and the handovers to
/// the block (protocol/walk.hpp), then judges the statement. Faults roughly in the order of the
/// list: form, ledger, chain and signatures, trust, app hash, proof and statement. Any thread; no
/// clock.
[[nodiscard]] Result<VerifiedReceipt, ReceiptError> verify_receipt(std::string_view file,
                                                                   const Trust& trust);

/// The same for a receipt that came as a bare message (from the API).
[[nodiscard]] Result<VerifiedReceipt, ReceiptError> verify_receipt_message(std::string_view bytes,
                                                                           const Trust& trust);

/// Is `value` canonical for what stands under a key of this kind?
[[nodiscard]] bool is_value_of(Kind kind, std::string_view value);

/// Have the ids (32 bytes) and numbers (4 bytes) among the key's parts their length? `parse_key`
/// checks only how many parts there are; an absent key may come from anyone.
[[nodiscard]] bool is_well_formed(const ParsedKey& key) noexcept;

}  // namespace tallystick
