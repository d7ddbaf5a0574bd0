#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"
#include "protocol/types.hpp"

/// Stateless checks that actions share. Each answers nothing when the form is right, else what is
/// wrong; where several things can be wrong they are tested in the order in which they are named.
/// Pure functions; any thread.
namespace tallystick::ledger {

using Strings = google::protobuf::RepeatedPtrField<std::string>;
using Numbers = google::protobuf::RepeatedField<std::uint32_t>;
using KeyProofs = google::protobuf::RepeatedPtrField<pb::KeyProof>;

inline constexpr std::size_t outcomes_max = 64;
inline constexpr std::size_t wards_max = 512;
inline constexpr std::size_t prices_max = 512;
inline constexpr std::size_t allocation_bands_max = 64;
inline constexpr std::size_t identifiers_max = 16;
inline constexpr std::size_t names_max = 8;
inline constexpr std::size_t name_bytes_max = 200;
inline constexpr std::size_t language_bytes_max = 8;
inline constexpr std::size_t commitment_lines_max = 256;
inline constexpr std::uint32_t basis_points_max = 10000;
inline constexpr std::uint64_t node_power_max = 1'000'000;

/// Whole units of a resource in one line, at most 2^53 - 1 so that any JSON reader keeps them.
inline constexpr std::uint64_t quantity_max = Amount::hundredths_max;

/// A handle of either kind. bad_handle.
[[nodiscard]] Form check_handle(std::string_view handle);

/// A one-part handle: an authority's own. bad_handle.
[[nodiscard]] Form check_authority_handle(std::string_view handle);

/// A two-part handle: an account that an authority registered. bad_handle.
[[nodiscard]] Form check_registered_handle(std::string_view handle);

/// bad_contract_id.
[[nodiscard]] Form check_contract_id(const pb::ContractId& contract);

/// bad_contract_id; bad_claim unless the supplier is a registered handle.
[[nodiscard]] Form check_claim(const pb::Claim& claim);

/// bad_code.
[[nodiscard]] Form check_code(std::string_view code);

/// A list of codes: bad_size unless it has 1 to `size_max`; bad_code; bad_order unless it strictly
/// ascends (as bytes).
[[nodiscard]] Form check_codes(const Strings& codes, std::size_t size_max);

/// bad_amount unless 1 to 2^53 - 1 hundredths.
[[nodiscard]] Form check_amount(std::uint64_t hundredths);

/// bad_quantity unless 1 to `quantity_max` whole units.
[[nodiscard]] Form check_quantity(std::uint64_t quantity);

/// bad_time unless 1 to `seconds_max`.
[[nodiscard]] Form check_time(std::uint64_t seconds);

/// A hash, salt or id: bad_hash unless 32 bytes.
[[nodiscard]] Form check_hash(std::string_view hash);

/// A salted hash that may be left out: bad_hash unless empty or 32 bytes.
[[nodiscard]] Form check_optional_hash(std::string_view hash);

/// bad_reason unless the code is of the published list; bad_hash.
[[nodiscard]] Form check_reason(const pb::Reason& reason);

/// Numbers of lines: bad_size unless 1 to `size_max`; bad_order unless strictly ascending.
[[nodiscard]] Form check_numbers(const Numbers& numbers, std::size_t size_max);

/// bad_size unless 1 to 16; bad_identifier; bad_order unless strictly ascending by (scheme, id).
/// A scheme is a code; an id is printable ASCII without space, 1 to 80.
[[nodiscard]] Form check_identifiers(
    const google::protobuf::RepeatedPtrField<pb::Identifier>& identifiers);

/// bad_size unless 1 to 8; bad_name; bad_order unless strictly ascending by language. A language is
/// 2 to 8 lower-case letters; a text 1 to 200 bytes without control characters.
[[nodiscard]] Form check_names(const google::protobuf::RepeatedPtrField<pb::DisplayName>& names);

/// bad_policy unless well-formed, satisfiable by its own signers, and its limit an amount or 0.
[[nodiscard]] Form check_policy(const pb::Policy& policy);

/// bad_key_proof unless every proof's signature is true for this ledger and this account.
[[nodiscard]] Form check_key_proofs(const KeyProofs& proofs, const LedgerId& ledger_id,
                                    std::string_view account);

/// One true proof for each key of the policy, in its order: bad_key_proof.
[[nodiscard]] Form check_proofs_of_all(const pb::Policy& policy, const KeyProofs& proofs,
                                       const LedgerId& ledger_id, std::string_view account);

/// Proofs of some of the policy's keys: bad_order unless strictly ascending by key; bad_key_proof
/// (a key that is not the policy's, or a false proof). At most one a key follows from that.
[[nodiscard]] Form check_proofs_of_some(const pb::Policy& policy, const KeyProofs& proofs,
                                        const LedgerId& ledger_id, std::string_view account);

/// bad_node unless a key that a validator may have (others would be judged differently by different
/// verifiers), and a power of 1 to `node_power_max`.
[[nodiscard]] Form check_node(const pb::AuthorityNode& node);

/// bad_key_proof unless it is the node's key's, and true for this authority.
[[nodiscard]] Form check_node_proof(const pb::KeyProof& proof, const pb::AuthorityNode& node,
                                    const LedgerId& ledger_id, std::string_view authority);

/// In order: bad_handle (project), bad_code (resource), bad_quantity, bad_code (outcome, ward),
/// bad_time (due).
[[nodiscard]] Form check_commitment_line(const pb::CommitmentLine& line);

/// bad_size unless 1 to 256 lines; then each line's form.
[[nodiscard]] Form check_commitment_lines(
    const google::protobuf::RepeatedPtrField<pb::CommitmentLine>& lines);

}  // namespace tallystick::ledger
