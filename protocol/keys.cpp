#include "protocol/keys.hpp"

#include <initializer_list>

#include "protocol/ensure.hpp"

namespace tallystick {

namespace {

constexpr std::size_t part_bytes_max = 65535;

std::string make_key(Kind kind, std::initializer_list<std::string_view> parts) {
    std::size_t size = 1;
    for (const auto part : parts) size += 2 + part.size();
    std::string key;
    key.reserve(size);
    key.push_back(static_cast<char>(kind));
    for (const auto part : parts) {
        ensure(part.size() <= part_bytes_max, "a part of a state key has a length of 2 bytes");
        key.push_back(static_cast<char>(part.size() >> 8));
        key.push_back(static_cast<char>(part.size() & 0xff));
        key.append(part);
    }
    return key;
}

std::string number_part(std::uint32_t number) {
    return {static_cast<char>(number >> 24), static_cast<char>((number >> 16) & 0xff),
            static_cast<char>((number >> 8) & 0xff), static_cast<char>(number & 0xff)};
}

std::string height_part(std::uint64_t height) {
    return number_part(static_cast<std::uint32_t>(height >> 32)) +
           number_part(static_cast<std::uint32_t>(height & 0xffffffff));
}

/// How many parts a key of this kind has; nothing for a kind not in use.
std::optional<std::size_t> part_count(std::uint8_t kind) {
    switch (static_cast<Kind>(kind)) {
        case Kind::parameters: return 0;
        case Kind::account: return 1;
        case Kind::identifier: return 2;
        case Kind::public_key: return 1;
        case Kind::authority_node: return 1;
        case Kind::authorities: return 0;
        case Kind::proposal: return 1;
        case Kind::misbehaviour: return 2;
        case Kind::handover: return 0;
        case Kind::contract: return 3;
        case Kind::contract_totals: return 3;
        case Kind::claim_totals: return 4;
        case Kind::participant: return 4;
        case Kind::accreditation: return 4;
        case Kind::need: return 1;
        case Kind::bid: return 4;
        case Kind::revealed_line: return 5;
        case Kind::award: return 1;
        case Kind::awarded_line: return 2;
        case Kind::balance: return 5;
        case Kind::promise: return 5;
        case Kind::redemption: return 1;
        case Kind::redemption_line: return 2;
        case Kind::evidence: return 1;
        case Kind::node_address: return 1;
    }
    return std::nullopt;
}

}  // namespace

Key<pb::Parameters> parameters_key() {
    return {make_key(Kind::parameters, {})};
}

Key<pb::Account> account_key(std::string_view account) {
    return {make_key(Kind::account, {account})};
}

Key<pb::Owner> identifier_key(const pb::Identifier& identifier) {
    return {make_key(Kind::identifier, {identifier.scheme(), identifier.id()})};
}

Key<pb::Owner> public_key_key(std::string_view public_key) {
    return {make_key(Kind::public_key, {public_key})};
}

Key<pb::AuthorityNode> authority_node_key(std::string_view authority) {
    return {make_key(Kind::authority_node, {authority})};
}

Key<pb::Authorities> authorities_key() {
    return {make_key(Kind::authorities, {})};
}

Key<pb::Proposal> proposal_key(std::string_view proposal) {
    return {make_key(Kind::proposal, {proposal})};
}

Key<pb::MisbehaviourRecord> misbehaviour_key(std::string_view authority, std::uint64_t height) {
    return {make_key(Kind::misbehaviour, {authority, height_part(height)})};
}

Key<pb::Handover> handover_key() {
    return {make_key(Kind::handover, {})};
}

Key<pb::Owner> node_address_key(std::string_view address) {
    return {make_key(Kind::node_address, {address})};
}

Key<pb::Contract> contract_key(const pb::ContractId& contract) {
    return {make_key(Kind::contract, {contract.authority(), contract.ocid(), contract.lot()})};
}

Key<pb::Totals> contract_totals_key(const pb::ContractId& contract) {
    return {
        make_key(Kind::contract_totals, {contract.authority(), contract.ocid(), contract.lot()})};
}

Key<pb::Totals> claim_totals_key(const pb::Claim& claim) {
    const auto& contract = claim.contract();
    return {make_key(Kind::claim_totals,
                     {contract.authority(), contract.ocid(), contract.lot(), claim.supplier()})};
}

Key<pb::Participant> participant_key(const pb::ContractId& contract, std::string_view account) {
    return {make_key(Kind::participant,
                     {contract.authority(), contract.ocid(), contract.lot(), account})};
}

Key<pb::Accreditation> accreditation_key(const pb::ContractId& contract, std::string_view project) {
    return {make_key(Kind::accreditation,
                     {contract.authority(), contract.ocid(), contract.lot(), project})};
}

Key<pb::Need> need_key(std::string_view need) {
    return {make_key(Kind::need, {need})};
}

Key<pb::Bid> bid_key(const pb::Claim& bidder) {
    const auto& contract = bidder.contract();
    return {make_key(Kind::bid,
                     {contract.authority(), contract.ocid(), contract.lot(), bidder.supplier()})};
}

Key<pb::RevealedLine> revealed_line_key(const pb::Claim& bidder, std::uint32_t number) {
    const auto& contract = bidder.contract();
    return {make_key(Kind::revealed_line, {contract.authority(), contract.ocid(), contract.lot(),
                                           bidder.supplier(), number_part(number)})};
}

Key<pb::AwardRecord> award_key(std::string_view award) {
    return {make_key(Kind::award, {award})};
}

Key<pb::AwardedLine> awarded_line_key(std::string_view award, std::uint32_t number) {
    return {make_key(Kind::awarded_line, {award, number_part(number)})};
}

Key<pb::Balance> balance_key(std::string_view account, const pb::Claim& claim) {
    const auto& contract = claim.contract();
    return {make_key(Kind::balance, {account, contract.authority(), contract.ocid(), contract.lot(),
                                     claim.supplier()})};
}

Key<pb::Promise> promise_key(const pb::Claim& claim, std::string_view resource) {
    const auto& contract = claim.contract();
    return {make_key(Kind::promise, {contract.authority(), contract.ocid(), contract.lot(),
                                     claim.supplier(), resource})};
}

Key<pb::Redemption> redemption_key(std::string_view redemption) {
    return {make_key(Kind::redemption, {redemption})};
}

Key<pb::RedemptionLine> redemption_line_key(std::string_view redemption, std::uint32_t number) {
    return {make_key(Kind::redemption_line, {redemption, number_part(number)})};
}

Key<pb::EvidenceUse> evidence_key(std::string_view tag) {
    return {make_key(Kind::evidence, {tag})};
}

std::optional<ParsedKey> parse_key(std::string_view key) {
    if (key.empty()) return std::nullopt;
    const auto count = part_count(static_cast<std::uint8_t>(key[0]));
    if (!count) return std::nullopt;
    ParsedKey parsed{static_cast<Kind>(key[0]), {}};
    std::size_t at = 1;
    while (at < key.size()) {
        if (key.size() - at < 2) return std::nullopt;
        const auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(key[at])) << 8 |
                          static_cast<std::uint8_t>(key[at + 1]);
        at += 2;
        if (key.size() - at < size) return std::nullopt;
        parsed.parts.emplace_back(key.substr(at, size));
        at += size;
    }
    if (parsed.parts.size() != *count) return std::nullopt;
    return parsed;
}

std::uint32_t number_of_part(std::string_view part) {
    ensure(part.size() == 4, "a number in a state key has 4 bytes");
    std::uint32_t number = 0;
    for (const char c : part) number = number << 8 | static_cast<std::uint8_t>(c);
    return number;
}

pb::ContractId contract_of_parts(const ParsedKey& key, std::size_t first) {
    ensure(key.parts.size() >= first + 3, "a contract takes three parts of a state key");
    pb::ContractId contract;
    contract.set_authority(key.parts[first]);
    contract.set_ocid(key.parts[first + 1]);
    contract.set_lot(key.parts[first + 2]);
    return contract;
}

}  // namespace tallystick
