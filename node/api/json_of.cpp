#include "node/api/json_of.hpp"

#include <algorithm>

#include "protocol/refusal.hpp"

namespace tallystick::node::api {

namespace {

/// The name of an enum's value without its prefix, in lower case.
std::string lower_name(const std::string& name, std::string_view prefix) {
    std::string made = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
    std::ranges::transform(made, made.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return made;
}

Json prices_json(const google::protobuf::RepeatedPtrField<pb::PricedResource>& prices) {
    Json list = Json::array();
    for (const auto& priced : prices) {
        const auto& price = priced.price();
        Json item;
        item["resource"] = price.resource();
        item["kind"] = lower_name(pb::ResourceKind_Name(price.kind()), "RESOURCE_KIND_");
        item["unit"] = unit_name(price.unit());
        item["hundredths_per_unit"] = amount_text(price.hundredths_per_unit());
        item["deadweight_basis_points"] = price.deadweight_basis_points();
        item["unit_value"] = amount_text(priced.unit_value());
        list.push_back(std::move(item));
    }
    return list;
}

std::string pocket_name(pb::Pocket pocket) {
    return lower_name(pb::Pocket_Name(pocket), "POCKET_");
}

}  // namespace

std::string hex(std::string_view bytes) {
    return to_hex(bytes_of(bytes));
}

std::string amount_text(std::uint64_t hundredths) {
    return std::to_string(hundredths);
}

std::string role_name(int value) {
    return lower_name(pb::Role_Name(value), "ROLE_");
}

std::string unit_name(int value) {
    return lower_name(pb::ResourceUnit_Name(value), "RESOURCE_UNIT_");
}

std::string award_status_name(int value) {
    return lower_name(pb::AwardStatus_Name(value), "AWARD_STATUS_");
}

std::string redemption_status_name(int value) {
    return lower_name(pb::RedemptionStatus_Name(value), "REDEMPTION_STATUS_");
}

Json json_of(const pb::ContractId& contract) {
    Json json;
    json["authority"] = contract.authority();
    json["ocid"] = contract.ocid();
    json["lot"] = contract.lot();
    return json;
}

Json json_of(const pb::Claim& claim) {
    Json json;
    json["contract"] = json_of(claim.contract());
    json["supplier"] = claim.supplier();
    return json;
}

Json json_of(const pb::Reason& reason) {
    Json json;
    json["code"] = lower_name(pb::ReasonCode_Name(reason.code()), "REASON_CODE_");
    if (!reason.text_hash().empty()) json["text_hash"] = hex(reason.text_hash());
    return json;
}

Json json_of(const pb::Policy& policy) {
    Json json;
    json["keys"] = Json::array();
    for (const auto& key : policy.keys()) json["keys"].push_back(hex(key));
    json["routine_threshold"] = policy.routine_threshold();
    json["amount_limit"] = amount_text(policy.amount_limit());
    json["above_threshold"] = policy.above_threshold();
    json["policy_threshold"] = policy.policy_threshold();
    return json;
}

Json json_of(const pb::Movement& movement) {
    Json json;
    json["claim"] = json_of(movement.claim());
    json["from_account"] = movement.from_account();
    json["from"] = pocket_name(movement.from());
    json["to_account"] = movement.to_account();
    json["to"] = pocket_name(movement.to());
    json["amount"] = amount_text(movement.amount());
    return json;
}

Json json_of(const pb::Totals& totals) {
    Json json;
    json["awarded"] = amount_text(totals.awarded());
    json["issued"] = amount_text(totals.issued());
    json["available"] = amount_text(totals.available());
    json["reserved"] = amount_text(totals.reserved());
    json["disputed"] = amount_text(totals.disputed());
    json["confirmed"] = amount_text(totals.confirmed());
    json["retired"] = amount_text(totals.retired());
    json["expired"] = amount_text(totals.expired());
    json["returned"] = amount_text(totals.returned());
    return json;
}

Json json_of(const pb::Parameters& parameters) {
    Json json;
    json["rule_set"] = parameters.rule_set();
    json["reveal_seconds"] = parameters.reveal_seconds();
    json["pass_on_seconds"] = parameters.pass_on_seconds();
    json["answer_seconds"] = parameters.answer_seconds();
    json["accepted_date_after_wanted_seconds_max"] =
        parameters.accepted_date_after_wanted_seconds_max();
    json["undelivered_seconds"] = parameters.undelivered_seconds();
    json["settling_seconds"] = parameters.settling_seconds();
    json["due_items_per_block_max"] = parameters.due_items_per_block_max();
    json["refusals_per_account_per_block_max"] = parameters.refusals_per_account_per_block_max();
    json["trusting_period_seconds"] = parameters.trusting_period_seconds();
    json["proposal_seconds"] = parameters.proposal_seconds();
    return json;
}

Json json_of(const pb::AppState& state) {
    Json json;
    json["state_root"] = hex(state.state_root());
    json["log_root"] = hex(state.log_root());
    json["log_size"] = state.log_size();
    return json;
}

Json json_of(const pb::CommitmentLine& line) {
    Json json;
    json["project"] = line.project();
    json["resource"] = line.resource();
    json["quantity"] = line.quantity();
    json["outcome"] = line.outcome();
    json["ward"] = line.ward();
    json["due"] = line.due();
    return json;
}

Json json_of(const pb::Cells& cells) {
    Json json;
    json["outstanding"] = cells.outstanding();
    json["delivered"] = cells.delivered();
    json["disputed_delivered"] = cells.disputed_delivered();
    json["disputed_confirmed"] = cells.disputed_confirmed();
    json["confirmed"] = cells.confirmed();
    json["retired"] = cells.retired();
    json["released"] = cells.released();
    json["expired"] = cells.expired();
    return json;
}

Json json_of(const pb::Balance& balance) {
    Json json;
    json["available"] = amount_text(balance.available());
    json["reserved"] = amount_text(balance.reserved());
    json["disputed"] = amount_text(balance.disputed());
    json["confirmed"] = amount_text(balance.confirmed());
    return json;
}

Json json_of(const LoggedEntry& logged) {
    const auto& entry = logged.entry;
    const auto& outcome = entry.outcome();
    Json json;
    json["log_index"] = logged.log_index;
    json["id"] = hex(entry.id());
    if (!outcome.has_due()) {
        json["envelope_hash"] = hex(entry.envelope_hash());
        json["valid_until"] = entry.valid_until();
    }
    json["time"] = entry.time();
    json["height"] = entry.height();
    json["index"] = entry.index();
    json["status"] = outcome.status() == pb::STATUS_DONE ? "done" : "refused";
    if (const auto refusal = refusal_from(outcome.refusal())) {
        json["refusal"]["number"] = outcome.refusal();
        json["refusal"]["name"] = refusal_name(*refusal);
        json["refusal"]["sentence"] = refusal_sentence(*refusal);
    }
    json["movements"] = json_of(outcome.movements());
    if (outcome.has_due()) {
        json["due"]["time"] = outcome.due().time();
        json["due"]["kind"] = lower_name(pb::DueKind_Name(outcome.due().kind()), "DUE_KIND_");
        json["due"]["object"] = hex(outcome.due().object());
    }
    return json;
}

Json account_json(std::string_view handle, const pb::Account& account) {
    Json json;
    json["key"] = hex(account_key(handle).bytes);
    json["handle"] = handle;
    json["roles"] = Json::array();
    for (const auto role : account.roles()) json["roles"].push_back(role_name(role));
    if (!account.registered_by().empty()) json["registered_by"] = account.registered_by();
    json["identifiers"] = Json::array();
    for (const auto& identifier : account.identifiers())
        json["identifiers"].push_back({{"scheme", identifier.scheme()}, {"id", identifier.id()}});
    json["names"] = Json::array();
    for (const auto& name : account.names())
        json["names"].push_back({{"language", name.language()}, {"text", name.text()}});
    json["policy"] = json_of(account.policy());
    json["registered_at"] = account.registered_at();
    return json;
}

Json balance_json(const ParsedKey& key, std::string_view key_bytes, const pb::Balance& balance) {
    Json json;
    json["key"] = hex(key_bytes);
    json["account"] = key.parts.at(0);
    json["claim"]["contract"] = json_of(contract_of_parts(key, 1));
    json["claim"]["supplier"] = key.parts.at(4);
    json.update(json_of(balance));
    return json;
}

std::string_view contract_phase(const pb::Contract& contract, std::uint64_t now) {
    if (contract.closed_at() != 0) return "closed";
    return now >= contract.redemption_deadline() ? "settling" : "open";
}

Json contract_json(const pb::ContractId& id, const pb::Contract& contract, const pb::Totals& totals,
                   std::uint64_t now) {
    Json json;
    json["key"] = hex(contract_key(id).bytes);
    json["contract"] = json_of(id);
    json["phase"] = contract_phase(contract, now);
    json["value_pence"] = std::to_string(contract.value_pence());
    json["allocation"] = amount_text(contract.allocation());
    json["prices"] = prices_json(contract.prices());
    json["price_list_hash"] = hex(contract.price_list_hash());
    json["outcomes"] = json_of(contract.outcomes());
    json["wards"] = json_of(contract.wards());
    json["bids_close"] = contract.bids_close();
    json["reveal_ends"] = contract.reveal_ends();
    json["standstill_seconds"] = contract.standstill_seconds();
    json["redemption_deadline"] = contract.redemption_deadline();
    json["settling_ends"] = contract.settling_ends();
    json["opened_at"] = contract.opened_at();
    if (contract.closed_at() != 0) json["closed_at"] = contract.closed_at();
    json["totals"] = json_of(totals);
    return json;
}

Json accreditation_json(const pb::ContractId& contract, std::string_view project,
                        const pb::Accreditation& accreditation, std::uint64_t now) {
    Json json;
    json["key"] = hex(accreditation_key(contract, project).bytes);
    json["contract"] = json_of(contract);
    json["project"] = project;
    if (accreditation.has_application()) {
        const auto& application = accreditation.application();
        auto& part = json["application"];
        part["outcomes"] = json_of(application.outcomes());
        part["wards"] = json_of(application.wards());
        if (!application.reference().empty()) part["reference"] = hex(application.reference());
        part["applied_at"] = application.applied_at();
    }
    if (accreditation.has_grant()) {
        const auto& grant = accreditation.grant();
        auto& part = json["grant"];
        part["outcomes"] = json_of(grant.outcomes());
        part["wards"] = json_of(grant.wards());
        part["expires"] = grant.expires();
        part["relevance"] = json_of(grant.relevance());
        part["granted_at"] = grant.granted_at();
        part["in_force"] = now < grant.expires();
    }
    if (accreditation.has_declined()) json["declined"] = json_of(accreditation.declined());
    return json;
}

Json need_json(std::string_view id, const pb::Need& need) {
    Json json;
    json["key"] = hex(need_key(id).bytes);
    json["id"] = hex(id);
    json["contract"] = json_of(need.contract());
    json["project"] = need.project();
    json["resource"] = need.resource();
    json["quantity"] = need.quantity();
    json["by_when"] = need.by_when();
    json["ward"] = need.ward();
    json["published_at"] = need.published_at();
    return json;
}

Json award_json(std::string_view id, const pb::AwardRecord& award) {
    Json json;
    json["key"] = hex(award_key(id).bytes);
    json["id"] = hex(id);
    json["claim"] = json_of(award.claim());
    json["status"] = award_status_name(award.status());
    json["value"] = amount_text(award.value());
    json["awarded_at"] = award.awarded_at();
    json["standstill_ends"] = award.standstill_ends();
    if (award.has_cancelled()) json["cancelled"] = json_of(award.cancelled());
    return json;
}

std::uint64_t remaining_units(const pb::AwardedLine& line) {
    return line.line().quantity() - line.transferred() - line.passed_on() - line.returned();
}

Json awarded_line_json(std::string_view award, std::uint32_t number, const pb::AwardedLine& line) {
    Json json;
    json["key"] = hex(awarded_line_key(award, number).bytes);
    json["number"] = number;
    json["line"] = json_of(line.line());
    json["unit_value"] = amount_text(line.unit_value());
    if (line.revealed_number() != 0) json["revealed_number"] = line.revealed_number() - 1;
    json["transferred"] = line.transferred();
    json["passed_on"] = line.passed_on();
    json["returned"] = line.returned();
    json["remaining"] = remaining_units(line);
    if (line.pass_on_at() != 0) json["pass_on_at"] = line.pass_on_at();
    return json;
}

Json redemption_json(std::string_view id, const pb::Redemption& redemption) {
    Json json;
    json["key"] = hex(redemption_key(id).bytes);
    json["id"] = hex(id);
    json["claim"] = json_of(redemption.claim());
    json["project"] = redemption.project();
    json["status"] = redemption_status_name(redemption.status());
    json["requested_at"] = redemption.requested_at();
    json["wanted_by"] = redemption.wanted_by();
    if (redemption.agreed_date() != 0) json["agreed_date"] = redemption.agreed_date();
    json["open_lines"] = redemption.open_lines();
    if (redemption.has_declined()) json["declined"] = json_of(redemption.declined());
    return json;
}

Json redemption_line_json(std::string_view redemption, std::uint32_t number,
                          const pb::RedemptionLine& line) {
    Json json;
    json["key"] = hex(redemption_line_key(redemption, number).bytes);
    json["number"] = number;
    json["resource"] = line.resource();
    json["outcome"] = line.outcome();
    json["ward"] = line.ward();
    json["unit_value"] = amount_text(line.unit_value());
    json["requested"] = line.requested();
    json["cells"] = json_of(line.cells());
    if (line.lapse_at() != 0) json["lapse_at"] = line.lapse_at();
    json["broken"] = line.broken();
    return json;
}

Json bid_json(const pb::Claim& bidder, const pb::Bid& bid) {
    Json json;
    json["key"] = hex(bid_key(bidder).bytes);
    json["contract"] = json_of(bidder.contract());
    json["supplier"] = bidder.supplier();
    json["hash"] = hex(bid.hash());
    json["sealed_at"] = bid.sealed_at();
    if (bid.revealed_at() != 0) json["revealed_at"] = bid.revealed_at();
    return json;
}

Json revealed_line_json(const pb::Claim& bidder, std::uint32_t number,
                        const pb::RevealedLine& line) {
    Json json;
    json["key"] = hex(revealed_line_key(bidder, number).bytes);
    json["number"] = number;
    json["line"] = json_of(line.line());
    if (!line.award().empty()) json["award"] = hex(line.award());
    return json;
}

std::string action_name(const pb::Body& body) {
    const auto* oneof = pb::Body::descriptor()->FindOneofByName("action");
    const auto* field = pb::Body::GetReflection()->GetOneofFieldDescriptor(body, oneof);
    return field == nullptr ? "" : std::string{field->name()};
}

}  // namespace tallystick::node::api
