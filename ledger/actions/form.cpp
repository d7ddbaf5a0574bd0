#include "ledger/actions/form.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <tuple>

#include "protocol/crypto.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::ledger {

namespace {

Form unless(bool condition, Malformed malformed) {
    return condition ? Form{} : Form{malformed};
}

template <class List>
bool has_size(const List& list, std::size_t size_max) {
    return !list.empty() && static_cast<std::size_t>(list.size()) <= size_max;
}

/// Strictly: a list with a repeated entry would count it twice.
template <class List, class Projection = std::identity>
bool ascends(const List& list, Projection projection = {}) {
    return std::ranges::adjacent_find(list, std::ranges::greater_equal{}, projection) == list.end();
}

bool is_language(std::string_view language) {
    return language.size() >= 2 && language.size() <= language_bytes_max &&
           std::ranges::all_of(language, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// Control characters would let a name rewrite the terminal on which someone decides whether to
/// sign.
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= name_bytes_max && std::ranges::none_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

}  // namespace

Form check_handle(std::string_view handle) {
    return unless(AccountId::from(handle).has_value(), Malformed::bad_handle);
}

Form check_authority_handle(std::string_view handle) {
    return unless(is_handle_part(handle), Malformed::bad_handle);
}

Form check_registered_handle(std::string_view handle) {
    const auto account = AccountId::from(handle);
    return unless(account && !account->is_authority(), Malformed::bad_handle);
}

Form check_contract_id(const pb::ContractId& contract) {
    return unless(
        is_handle_part(contract.authority()) && is_ocid(contract.ocid()) && is_lot(contract.lot()),
        Malformed::bad_contract_id);
}

Form check_claim(const pb::Claim& claim) {
    if (const auto bad = check_contract_id(claim.contract())) return bad;
    return unless(!check_registered_handle(claim.supplier()), Malformed::bad_claim);
}

Form check_code(std::string_view code) {
    return unless(is_code(code), Malformed::bad_code);
}

Form check_codes(const Strings& codes, std::size_t size_max) {
    if (!has_size(codes, size_max)) return Malformed::bad_size;
    for (const auto& code : codes)
        if (!is_code(code)) return Malformed::bad_code;
    return unless(ascends(codes), Malformed::bad_order);
}

Form check_amount(std::uint64_t hundredths) {
    return unless(hundredths >= 1 && hundredths <= Amount::hundredths_max, Malformed::bad_amount);
}

Form check_quantity(std::uint64_t quantity) {
    return unless(quantity >= 1 && quantity <= quantity_max, Malformed::bad_quantity);
}

Form check_time(std::uint64_t seconds) {
    return unless(seconds >= 1 && seconds <= seconds_max, Malformed::bad_time);
}

Form check_hash(std::string_view hash) {
    return unless(hash.size() == Hash::size, Malformed::bad_hash);
}

Form check_optional_hash(std::string_view hash) {
    return unless(hash.empty() || hash.size() == Hash::size, Malformed::bad_hash);
}

Form check_reason(const pb::Reason& reason) {
    if (reason.code() == pb::REASON_CODE_UNSPECIFIED || !pb::ReasonCode_IsValid(reason.code()))
        return Malformed::bad_reason;
    return check_optional_hash(reason.text_hash());
}

Form check_numbers(const Numbers& numbers, std::size_t size_max) {
    if (!has_size(numbers, size_max)) return Malformed::bad_size;
    return unless(ascends(numbers), Malformed::bad_order);
}

Form check_identifiers(const google::protobuf::RepeatedPtrField<pb::Identifier>& identifiers) {
    if (!has_size(identifiers, identifiers_max)) return Malformed::bad_size;
    for (const auto& identifier : identifiers)
        if (!is_code(identifier.scheme()) || !is_ocid(identifier.id()))
            return Malformed::bad_identifier;
    const auto scheme_and_id = [](const pb::Identifier& identifier) {
        return std::tie(identifier.scheme(), identifier.id());
    };
    return unless(ascends(identifiers, scheme_and_id), Malformed::bad_order);
}

Form check_names(const google::protobuf::RepeatedPtrField<pb::DisplayName>& names) {
    if (!has_size(names, names_max)) return Malformed::bad_size;
    for (const auto& name : names)
        if (!is_language(name.language()) || !is_name(name.text())) return Malformed::bad_name;
    return unless(ascends(names, &pb::DisplayName::language), Malformed::bad_order);
}

Form check_policy(const pb::Policy& policy) {
    return unless(is_well_formed(policy), Malformed::bad_policy);
}

Form check_key_proofs(const KeyProofs& proofs, const LedgerId& ledger_id,
                      std::string_view account) {
    // Without the proof an organisation could name a key that it does not hold, and another's
    // signature would count as its own.
    for (const auto& proof : proofs)
        if (!verify_key_proof(proof, ledger_id, account)) return Malformed::bad_key_proof;
    return std::nullopt;
}

Form check_proofs_of_all(const pb::Policy& policy, const KeyProofs& proofs,
                         const LedgerId& ledger_id, std::string_view account) {
    const auto fits = std::ranges::equal(policy.keys(), proofs, std::ranges::equal_to{}, {},
                                         &pb::KeyProof::public_key);
    if (!fits) return Malformed::bad_key_proof;
    return check_key_proofs(proofs, ledger_id, account);
}

Form check_proofs_of_some(const pb::Policy& policy, const KeyProofs& proofs,
                          const LedgerId& ledger_id, std::string_view account) {
    if (!ascends(proofs, &pb::KeyProof::public_key)) return Malformed::bad_order;
    const auto& keys = policy.keys();
    for (const auto& proof : proofs)
        if (std::ranges::find(keys, proof.public_key()) == keys.end())
            return Malformed::bad_key_proof;
    return check_key_proofs(proofs, ledger_id, account);
}

Form check_node(const pb::AuthorityNode& node) {
    const auto key = PublicKey::from(node.public_key());
    return unless(
        key && is_valid_authority_key(*key) && node.power() >= 1 && node.power() <= node_power_max,
        Malformed::bad_node);
}

Form check_node_proof(const pb::KeyProof& proof, const pb::AuthorityNode& node,
                      const LedgerId& ledger_id, std::string_view authority) {
    return unless(
        proof.public_key() == node.public_key() && verify_key_proof(proof, ledger_id, authority),
        Malformed::bad_key_proof);
}

Form check_commitment_line(const pb::CommitmentLine& line) {
    if (const auto bad = check_registered_handle(line.project())) return bad;
    if (const auto bad = check_code(line.resource())) return bad;
    if (const auto bad = check_quantity(line.quantity())) return bad;
    if (const auto bad = check_code(line.outcome())) return bad;
    if (const auto bad = check_code(line.ward())) return bad;
    return check_time(line.due());
}

Form check_commitment_lines(const google::protobuf::RepeatedPtrField<pb::CommitmentLine>& lines) {
    if (!has_size(lines, commitment_lines_max)) return Malformed::bad_size;
    for (const auto& line : lines)
        if (const auto bad = check_commitment_line(line)) return bad;
    return std::nullopt;
}

}  // namespace tallystick::ledger
