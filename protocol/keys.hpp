#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/pb.hpp"
#include "protocol/types.hpp"

/// Keys of the state tree: a kind byte, then parts, each with its length in 2 bytes big-endian
/// before it. Strings stand as their bytes, ids and hashes raw, numbers as 4 bytes big-endian.
/// docs/FORMATS.md lists them.
namespace tallystick {

/// First byte of a key. On the wire: append, never renumber.
enum class Kind : std::uint8_t {
    parameters = 1,        ///< () -> Parameters
    account = 2,           ///< (handle) -> Account
    identifier = 3,        ///< (scheme, id) -> Owner
    public_key = 4,        ///< (key) -> Owner
    authority_node = 5,    ///< (authority) -> AuthorityNode
    authorities = 6,       ///< () -> Authorities
    proposal = 7,          ///< (envelope id) -> Proposal
    misbehaviour = 8,      ///< (authority, height as 8 bytes BE) -> MisbehaviourRecord
    handover = 9,          ///< () -> Handover
    contract = 10,         ///< (authority, ocid, lot) -> Contract
    contract_totals = 11,  ///< (authority, ocid, lot) -> Totals
    claim_totals = 12,     ///< (authority, ocid, lot, supplier) -> Totals
    participant = 13,      ///< (authority, ocid, lot, account) -> Participant
    accreditation = 14,    ///< (authority, ocid, lot, project) -> Accreditation
    need = 15,             ///< (envelope id) -> Need
    bid = 16,              ///< (authority, ocid, lot, supplier) -> Bid
    revealed_line = 17,    ///< (authority, ocid, lot, supplier, number) -> RevealedLine
    award = 18,            ///< (envelope id) -> AwardRecord
    awarded_line = 19,     ///< (award, number) -> AwardedLine
    balance = 20,          ///< (account, authority, ocid, lot, supplier) -> Balance
    promise = 21,          ///< (authority, ocid, lot, supplier, resource) -> Promise
    redemption = 22,       ///< (envelope id) -> Redemption
    redemption_line = 23,  ///< (redemption, number) -> RedemptionLine
    evidence = 24,         ///< (evidence tag) -> EvidenceUse
    node_address = 25,     ///< (address of a node's key) -> Owner; stays when the key is replaced
};

/// The bytes of a key together with the message that stands under it.
template <class Value>
struct Key {
    std::string bytes;
    friend auto operator<=>(const Key&, const Key&) = default;
};

[[nodiscard]] Key<pb::Parameters> parameters_key();
[[nodiscard]] Key<pb::Account> account_key(std::string_view account);
[[nodiscard]] Key<pb::Owner> identifier_key(const pb::Identifier& identifier);
[[nodiscard]] Key<pb::Owner> public_key_key(std::string_view public_key);
[[nodiscard]] Key<pb::AuthorityNode> authority_node_key(std::string_view authority);
[[nodiscard]] Key<pb::Authorities> authorities_key();
[[nodiscard]] Key<pb::Proposal> proposal_key(std::string_view proposal);
[[nodiscard]] Key<pb::MisbehaviourRecord> misbehaviour_key(std::string_view authority,
                                                           std::uint64_t height);
[[nodiscard]] Key<pb::Handover> handover_key();
[[nodiscard]] Key<pb::Owner> node_address_key(std::string_view address);
[[nodiscard]] Key<pb::Contract> contract_key(const pb::ContractId& contract);
[[nodiscard]] Key<pb::Totals> contract_totals_key(const pb::ContractId& contract);
[[nodiscard]] Key<pb::Totals> claim_totals_key(const pb::Claim& claim);
[[nodiscard]] Key<pb::Participant> participant_key(const pb::ContractId& contract,
                                                   std::string_view account);
[[nodiscard]] Key<pb::Accreditation> accreditation_key(const pb::ContractId& contract,
                                                       std::string_view project);
[[nodiscard]] Key<pb::Need> need_key(std::string_view need);
[[nodiscard]] Key<pb::Bid> bid_key(const pb::Claim& bidder);
[[nodiscard]] Key<pb::RevealedLine> revealed_line_key(const pb::Claim& bidder,
                                                      std::uint32_t number);
[[nodiscard]] Key<pb::AwardRecord> award_key(std::string_view award);
[[nodiscard]] Key<pb::AwardedLine> awarded_line_key(std::string_view award, std::uint32_t number);
[[nodiscard]] Key<pb::Balance> balance_key(std::string_view account, const pb::Claim& claim);
[[nodiscard]] Key<pb::Promise> promise_key(const pb::Claim& claim, std::string_view resource);
[[nodiscard]] Key<pb::Redemption> redemption_key(std::string_view redemption);
[[nodiscard]] Key<pb::RedemptionLine> redemption_line_key(std::string_view redemption,
                                                          std::uint32_t number);
[[nodiscard]] Key<pb::EvidenceUse> evidence_key(std::string_view tag);

/// A key taken apart.
struct ParsedKey {
    Kind kind;
    std::vector<std::string> parts;
};

/// Nothing unless `key` is a listed kind followed by well-formed parts of the right number.
[[nodiscard]] std::optional<ParsedKey> parse_key(std::string_view key);

/// Reads a 4-byte part, as in awarded and redemption lines. @pre `part` has 4 bytes.
[[nodiscard]] std::uint32_t number_of_part(std::string_view part);

/// The contract in parts `first` to `first + 2`. @pre there are that many.
[[nodiscard]] pb::ContractId contract_of_parts(const ParsedKey& key, std::size_t first);

}  // namespace tallystick
