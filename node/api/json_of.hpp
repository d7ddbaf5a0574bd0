#pragma once

#include <string_view>

#include "node/api/json.hpp"
#include "node/node_service.hpp"
#include "protocol/keys.hpp"

/// Messages as the JSON of protocol/openapi.yaml: amounts as strings, bytes in hexadecimal, enums
/// by their names in lower case, fields that do not apply left out.
namespace tallystick::node::api {

[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::string amount_text(std::uint64_t hundredths);

/// `ROLE_SUPPLIER` gives `supplier`. @pre `value` is listed.
[[nodiscard]] std::string role_name(int value);
[[nodiscard]] std::string unit_name(int value);
[[nodiscard]] std::string award_status_name(int value);
[[nodiscard]] std::string redemption_status_name(int value);

[[nodiscard]] Json json_of(const pb::ContractId& contract);
[[nodiscard]] Json json_of(const pb::Claim& claim);
[[nodiscard]] Json json_of(const pb::Reason& reason);
[[nodiscard]] Json json_of(const pb::Policy& policy);
[[nodiscard]] Json json_of(const pb::Movement& movement);
[[nodiscard]] Json json_of(const pb::Totals& totals);
[[nodiscard]] Json json_of(const pb::Parameters& parameters);
[[nodiscard]] Json json_of(const pb::AppState& state);
[[nodiscard]] Json json_of(const pb::CommitmentLine& line);
[[nodiscard]] Json json_of(const pb::Cells& cells);
[[nodiscard]] Json json_of(const pb::Balance& balance);
[[nodiscard]] Json json_of(const LoggedEntry& logged);

template <class Message>
[[nodiscard]] Json json_of(const google::protobuf::RepeatedPtrField<Message>& messages) {
    Json list = Json::array();
    for (const auto& message : messages) {
        if constexpr (std::is_same_v<Message, std::string>)
            list.push_back(message);
        else
            list.push_back(json_of(message));
    }
    return list;
}

// Objects with their key in the state, which a receipt can be asked for.
[[nodiscard]] Json account_json(std::string_view handle, const pb::Account& account);
[[nodiscard]] Json balance_json(const ParsedKey& key, std::string_view key_bytes,
                                const pb::Balance& balance);
/// @param now the block's seconds, for the phase.
[[nodiscard]] Json contract_json(const pb::ContractId& id, const pb::Contract& contract,
                                 const pb::Totals& totals, std::uint64_t now);
[[nodiscard]] std::string_view contract_phase(const pb::Contract& contract, std::uint64_t now);
[[nodiscard]] Json accreditation_json(const pb::ContractId& contract, std::string_view project,
                                      const pb::Accreditation& accreditation, std::uint64_t now);
[[nodiscard]] Json need_json(std::string_view id, const pb::Need& need);
/// Without its lines.
[[nodiscard]] Json award_json(std::string_view id, const pb::AwardRecord& award);
[[nodiscard]] Json awarded_line_json(std::string_view award, std::uint32_t number,
                                     const pb::AwardedLine& line);
[[nodiscard]] std::uint64_t remaining_units(const pb::AwardedLine& line);
/// Without its lines.
[[nodiscard]] Json redemption_json(std::string_view id, const pb::Redemption& redemption);
[[nodiscard]] Json redemption_line_json(std::string_view redemption, std::uint32_t number,
                                        const pb::RedemptionLine& line);
/// Without its lines.
[[nodiscard]] Json bid_json(const pb::Claim& bidder, const pb::Bid& bid);
[[nodiscard]] Json revealed_line_json(const pb::Claim& bidder, std::uint32_t number,
                                      const pb::RevealedLine& line);

/// Name of a body's action, such as `transfer`; empty if it has none.
[[nodiscard]] std::string action_name(const pb::Body& body);

}  // namespace tallystick::node::api
