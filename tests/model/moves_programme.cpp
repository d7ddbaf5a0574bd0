#include <algorithm>

#include "model/world.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::model {
namespace {

const std::vector<std::string> resources{"bid-writer", "laptop", "mentor", "van"};
const std::vector<std::string> all_outcomes{"green", "jobs", "skills"};
const std::vector<std::string> all_wards{"east", "north", "west"};

template <class Field>
void fill(Field& field, const std::vector<std::string>& items) {
    for (const auto& item : items) *field.Add() = item;
}

Move by(std::string account, std::vector<std::string> co_signers = {}) {
    Move move;
    move.account = std::move(account);
    move.co_signers = std::move(co_signers);
    return move;
}

pb::ContractId contract_of(const std::vector<std::string>& parts, std::size_t first = 0) {
    pb::ContractId id;
    id.set_authority(parts[first]);
    id.set_ocid(parts[first + 1]);
    id.set_lot(parts[first + 2]);
    return id;
}

std::vector<Leaf<pb::Accreditation>> applications(const World& world) {
    return world.leaves<pb::Accreditation>(Kind::accreditation, [&](const auto& leaf) {
        const auto contract = world.contract(contract_of(leaf.parts));
        const bool open = world.now < contract->redemption_deadline();
        return leaf.value->has_application() && (open || world.dice.chance(1));
    });
}

}  // namespace

std::optional<Move> make_register(World& world) {
    static const std::vector<std::pair<std::string, int>> names{
        {"builder", 1}, {"cleaner", 1}, {"co-op", 3},   {"digger", 1},
        {"garden", 2},  {"kitchen", 2}, {"library", 2}, {"museum", 2}};
    const auto authority = world.dice.pick(world.accounts(pb::ROLE_AUTHORITY));
    const auto& [name, roles] = world.dice.pick(names);
    const auto handle = authority + "/" + name;
    if (world.state.get(account_key(handle)) && !world.slip()) return std::nullopt;

    auto move = by(authority);
    auto& action = *move.body.mutable_register_();
    action.set_handle(handle);
    if ((roles & 1) != 0) action.add_roles(pb::ROLE_SUPPLIER);
    if ((roles & 2) != 0) action.add_roles(pb::ROLE_PROJECT);
    *action.add_identifiers() =
        identifier_of(world.slip() ? world.dice.pick(world.accounts()) : handle);
    *action.add_names() = name_of(handle);
    const auto owner = world.slip() ? world.dice.pick(world.accounts()) : handle;
    *action.mutable_policy() = random_policy(world.dice, world.keyring, owner, 0);
    for (const auto& key : action.policy().keys())
        *action.add_proofs() = proof_of(world.keyring, key, world.ledger_id, handle);
    return move;
}

std::optional<Move> make_set_policy(World& world) {
    const auto accounts = world.accounts();
    auto move = by(world.dice.pick(accounts));
    auto& action = *move.body.mutable_set_policy();
    const auto& owner = world.slip() ? world.dice.pick(accounts) : move.account;
    *action.mutable_policy() = random_policy(world.dice, world.keyring, owner, world.dice.below(6));
    const auto before = world.state.get(account_key(move.account));
    for (const auto& key : action.policy().keys()) {
        const auto& old = before->policy().keys();
        const bool is_new = std::ranges::find(old, key) == old.end();
        if (is_new ? !world.slip() : world.dice.chance(20))
            *action.add_proofs() = proof_of(world.keyring, key, world.ledger_id, move.account);
    }
    return move;
}

namespace {

void set_allocation(pb::OpenContract& action, Dice& dice) {
    switch (dice.below(3)) {
        case 0: action.set_allocation_fixed(dice.between(500'000, 20'000'000)); break;
        case 1:
            action.mutable_allocation_rate()->set_basis_points(
                static_cast<std::uint32_t>(dice.between(500, 10'000)));
            action.mutable_allocation_rate()->set_pence_per_credit(dice.between(1, 4));
            break;
        default:
            for (std::uint64_t band = 0; band < 3; ++band) {
                auto& made = *action.mutable_allocation_bands()->add_bands();
                made.set_from_pence(band * 50'000'000);
                made.set_allocation((band + 1) * 3'000'000);
            }
    }
}

void set_dates(pb::OpenContract& action, const World& world) {
    auto& dice = world.dice;
    const auto parameters = world.state.get_or_default(parameters_key());
    action.set_bids_close(world.now + dice.between(3, 12) * hour);
    action.set_standstill_seconds(dice.between(1, 6) * hour);
    action.set_redemption_deadline(action.bids_close() + parameters.reveal_seconds() +
                                   action.standstill_seconds() + dice.between(30, 150) * hour);
    if (world.slip()) action.set_redemption_deadline(action.bids_close() + hour);
}

}  // namespace

std::optional<Move> make_open_contract(World& world) {
    auto& dice = world.dice;
    if (world.open_contracts().size() >= 3 && !world.slip()) return std::nullopt;
    auto move = by(dice.pick(world.accounts(pb::ROLE_AUTHORITY)));
    auto& action = *move.body.mutable_open_contract();
    action.mutable_contract()->set_authority(move.account);
    action.mutable_contract()->set_ocid("ocds-" + std::to_string(dice.below(12)));
    if (dice.chance(50)) action.mutable_contract()->set_lot(std::to_string(dice.below(3)));
    action.set_value_pence(dice.chance(90) ? dice.between(20'000'000, 200'000'000) : 0);
    set_allocation(action, dice);
    for (const auto& resource : dice.some(resources)) {
        auto& price = *action.add_prices();
        price.set_resource(resource);
        price.set_kind(static_cast<pb::ResourceKind>(dice.between(1, pb::ResourceKind_MAX)));
        price.set_unit(static_cast<pb::ResourceUnit>(dice.between(1, pb::ResourceUnit_MAX)));
        price.set_hundredths_per_unit(dice.between(100, 30'000));
        price.set_deadweight_basis_points(
            dice.chance(3) ? 10'000 : static_cast<std::uint32_t>(dice.below(5'000)));
    }
    fill(*action.mutable_outcomes(), dice.some(all_outcomes));
    fill(*action.mutable_wards(), dice.some(all_wards));
    set_dates(action, world);
    return move;
}

std::optional<Move> make_close_contract(World& world) {
    auto contracts = world.contracts();
    std::erase_if(contracts, [&](const auto& contract) {
        const auto totals = world.state.get_or_default(contract_totals_key(contract.id));
        const bool empty = totals.available() + totals.reserved() + totals.disputed() +
                               totals.confirmed() + totals.awarded() ==
                           0;
        const bool settling =
            world.now >= contract.value->redemption_deadline() && contract.value->closed_at() == 0;
        return !(settling && empty) && !world.slip();
    });
    if (contracts.empty()) return std::nullopt;
    const auto& id = world.dice.pick(contracts).id;
    auto move = by(id.authority());
    *move.body.mutable_close_contract()->mutable_contract() = id;
    return move;
}

std::optional<Move> make_apply(World& world) {
    const auto contracts = world.open_contracts();
    const auto projects = world.accounts(pb::ROLE_PROJECT);
    if (contracts.empty() || projects.empty()) return std::nullopt;
    const auto& contract = world.dice.pick(contracts);
    const auto& project = world.dice.pick(projects);
    if (world.side(contract.id, project) == pb::ROLE_SUPPLIER && !world.slip()) return std::nullopt;
    if (world.accredited(contract.id, project) && world.dice.chance(80)) return std::nullopt;
    auto move = by(project);
    auto& action = *move.body.mutable_apply_for_accreditation();
    *action.mutable_contract() = contract.id;
    fill(*action.mutable_outcomes(), world.slip()
                                         ? world.dice.some(all_outcomes)
                                         : world.dice.some(list_of(contract.value->outcomes())));
    fill(*action.mutable_wards(), world.slip() ? world.dice.some(all_wards)
                                               : world.dice.some(list_of(contract.value->wards())));
    if (world.dice.chance(30)) action.set_reference(world.dice.bytes(32));
    return move;
}

std::optional<Move> make_decline_application(World& world) {
    const auto waiting = applications(world);
    if (waiting.empty()) return std::nullopt;
    const auto& leaf = world.dice.pick(waiting);
    auto move = by(leaf.parts[0]);
    auto& action = *move.body.mutable_decline_application();
    *action.mutable_contract() = contract_of(leaf.parts);
    action.set_project(leaf.parts[3]);
    *action.mutable_reason() = random_reason(world.dice);
    return move;
}

std::optional<Move> make_accredit(World& world) {
    const auto waiting = applications(world);
    if (waiting.empty()) return std::nullopt;
    const auto& leaf = world.dice.pick(waiting);
    const auto id = contract_of(leaf.parts);
    const auto contract = world.contract(id);
    auto move = by(leaf.parts[0]);
    auto& action = *move.body.mutable_accredit();
    *action.mutable_contract() = id;
    action.set_project(leaf.parts[3]);
    fill(*action.mutable_outcomes(), world.slip() ? all_outcomes : list_of(contract->outcomes()));
    fill(*action.mutable_wards(), world.dice.some(list_of(contract->wards())));
    action.set_expires(world.dice.chance(75) ? contract->redemption_deadline()
                                             : world.now + world.dice.below(3 * day));
    *action.mutable_relevance() = random_reason(world.dice);
    return move;
}

std::optional<Move> make_publish_need(World& world) {
    const auto grants = world.leaves<pb::Accreditation>(Kind::accreditation, [&](const auto& leaf) {
        return leaf.value->has_grant() && world.now < leaf.value->grant().expires();
    });
    if (grants.empty()) return std::nullopt;
    const auto& leaf = world.dice.pick(grants);
    const auto id = contract_of(leaf.parts);
    auto move = by(leaf.parts[3]);
    auto& action = *move.body.mutable_publish_need();
    *action.mutable_contract() = id;
    action.set_resource(world.dice.pick(world.contract(id)->prices()).price().resource());
    action.set_quantity(world.dice.between(1, 20));
    action.set_by_when(world.now + world.dice.below(2 * day));
    action.set_ward(world.slip() ? "nowhere"
                                 : world.dice.pick(list_of(leaf.value->grant().wards())));
    return move;
}

std::optional<Move> make_withdraw_need(World& world) {
    const auto needs = world.leaves<pb::Need>(Kind::need, [&](const auto& leaf) {
        const auto contract = world.contract(leaf.value->contract());
        return world.now < contract->redemption_deadline() || world.dice.chance(1);
    });
    if (needs.empty()) return std::nullopt;
    const auto& leaf = world.dice.pick(needs);
    auto move = by(leaf.value->project());
    move.body.mutable_withdraw_need()->set_need(leaf.parts[0]);
    return move;
}

}  // namespace tallystick::model
