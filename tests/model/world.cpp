#include "model/world.hpp"

#include <algorithm>

namespace tallystick::model {

std::vector<std::string> World::accounts() const {
    std::vector<std::string> handles;
    for (const auto& leaf : leaves<pb::Account>(Kind::account)) handles.push_back(leaf.parts[0]);
    return handles;
}

std::vector<std::string> World::authorities() const {
    return list_of(state.get(authorities_key())->handles());
}

std::string World::answering_for(const std::string& handle) const {
    const auto account = state.get(account_key(handle));
    const bool left = account && !account->successor().empty();
    return left ? answering_for(account->successor()) : handle;
}

std::vector<std::string> World::accounts(pb::Role role) const {
    if (role == pb::ROLE_AUTHORITY) return authorities();
    std::vector<std::string> handles;
    for (const auto& leaf : leaves<pb::Account>(Kind::account))
        if (std::ranges::find(leaf.value->roles(), role) != leaf.value->roles().end())
            handles.push_back(leaf.parts[0]);
    return handles;
}

std::vector<ContractLeaf> World::contracts() const {
    std::vector<ContractLeaf> found;
    for (const auto& leaf : leaves<pb::Contract>(Kind::contract)) {
        pb::ContractId id;
        id.set_authority(leaf.parts[0]);
        id.set_ocid(leaf.parts[1]);
        id.set_lot(leaf.parts[2]);
        found.push_back({std::move(id), leaf.value});
    }
    return found;
}

std::vector<ContractLeaf> World::open_contracts() const {
    auto found = contracts();
    std::erase_if(found, [&](const auto& contract) {
        return now >= contract.value->redemption_deadline() || contract.value->closed_at() != 0;
    });
    return found;
}

std::shared_ptr<const pb::Accreditation> World::accredited(const pb::ContractId& contract,
                                                           std::string_view project) const {
    auto found = state.get(accreditation_key(contract, project));
    if (!found || !found->has_grant() || now >= found->grant().expires()) return nullptr;
    return found;
}

pb::Role World::side(const pb::ContractId& contract, std::string_view account) const {
    return state.get_or_default(participant_key(contract, account)).role();
}

pb::Claim claim_of(const pb::ContractId& contract, const std::string& supplier) {
    pb::Claim claim;
    *claim.mutable_contract() = contract;
    claim.set_supplier(supplier);
    return claim;
}

std::vector<std::string> list_of(const google::protobuf::RepeatedPtrField<std::string>& field) {
    return {field.begin(), field.end()};
}

pb::Reason random_reason(Dice& dice) {
    pb::Reason reason;
    reason.set_code(static_cast<pb::ReasonCode>(dice.between(1, pb::ReasonCode_MAX)));
    if (dice.chance(30)) reason.set_text_hash(dice.bytes(32));
    return reason;
}

const std::vector<Occasion>& occasions() {
    static const std::vector<Occasion> all{
        {make_register, 12},      {make_set_policy, 3},     {make_open_contract, 12},
        {make_close_contract, 3}, {make_apply, 8},          {make_decline_application, 3},
        {make_accredit, 14},      {make_publish_need, 3},   {make_withdraw_need, 2},
        {make_seal_lines, 9},     {make_reveal_lines, 30},  {make_withdraw_lines, 1},
        {make_award, 16},         {make_cancel_award, 2},   {make_transfer_awarded, 10},
        {make_transfer, 5},       {make_return_credits, 2}, {make_return_awarded, 2},
        {make_redeem, 20},        {make_accept, 14},        {make_decline, 2},
        {make_cancel, 3},         {make_record, 14},        {make_confirm, 10},
        {make_verify, 8},         {make_dispute, 6},        {make_resolve, 8},
        {make_propose, 9},        {make_vote, 60},
    };
    return all;
}

}  // namespace tallystick::model
