#include <algorithm>

#include "model/world.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::model {
namespace {

pb::ContractId contract_of(const std::vector<std::string>& parts) {
    pb::ContractId id;
    id.set_authority(parts[0]);
    id.set_ocid(parts[1]);
    id.set_lot(parts[2]);
    return id;
}

/// Lines for projects that are accredited, as far as there are any.
std::vector<pb::CommitmentLine> lines_for(World& world, const ContractLeaf& contract) {
    auto& dice = world.dice;
    auto projects = world.accounts(pb::ROLE_PROJECT);
    auto accredited = projects;
    std::erase_if(accredited,
                  [&](const auto& project) { return !world.accredited(contract.id, project); });
    if (!world.slip()) projects = accredited;
    if (projects.empty()) return {};
    std::vector<pb::CommitmentLine> lines(dice.between(1, 4));
    for (auto& line : lines) {
        line.set_project(dice.pick(projects));
        const auto grant = world.accredited(contract.id, line.project());
        const auto& outcomes = grant ? grant->grant().outcomes() : contract.value->outcomes();
        const auto& wards = grant ? grant->grant().wards() : contract.value->wards();
        line.set_resource(dice.pick(contract.value->prices()).price().resource());
        line.set_quantity(dice.chance(1) ? Amount::hundredths_max : dice.between(1, 40));
        line.set_outcome(dice.pick(list_of(outcomes)));
        line.set_ward(dice.pick(list_of(wards)));
        const auto deadline = contract.value->redemption_deadline();
        line.set_due(world.slip() ? world.now : deadline - dice.between(1, 10 * hour));
    }
    return lines;
}

template <class Keep>
std::optional<ContractLeaf> pick_contract(World& world, Keep keep) {
    auto contracts = world.open_contracts();
    std::erase_if(contracts, [&](const auto& contract) { return !keep(*contract.value); });
    if (contracts.empty()) return std::nullopt;
    return world.dice.pick(contracts);
}

std::optional<std::string> pick_supplier(World& world, const pb::ContractId& contract) {
    auto suppliers = world.accounts(pb::ROLE_SUPPLIER);
    std::erase_if(suppliers, [&](const auto& supplier) {
        return world.side(contract, supplier) == pb::ROLE_PROJECT && !world.slip();
    });
    if (suppliers.empty()) return std::nullopt;
    return world.dice.pick(suppliers);
}

}  // namespace

std::optional<Move> make_seal_lines(World& world) {
    const auto contract = pick_contract(
        world, [&](const auto& found) { return world.now < found.bids_close() || world.slip(); });
    if (!contract) return std::nullopt;
    const auto supplier = pick_supplier(world, contract->id);
    const auto lines = lines_for(world, *contract);
    if (!supplier || lines.empty()) return std::nullopt;
    SealedBid bid{world.dice.bytes(32), {}};
    for (const auto& line : lines) *bid.lines.add_lines() = line;
    const auto hash =
        seal_hash(world.ledger_id, claim_of(contract->id, *supplier), bid.salt, bid.lines);
    world.sealed[hash.str()] = bid;

    Move move{*supplier, {}, {}};
    *move.body.mutable_seal_lines()->mutable_contract() = contract->id;
    move.body.mutable_seal_lines()->set_hash(hash.str());
    return move;
}

std::optional<Move> make_reveal_lines(World& world) {
    const auto bids = world.leaves<pb::Bid>(Kind::bid, [&](const auto& leaf) {
        const auto contract = world.contract(contract_of(leaf.parts));
        const bool in_time =
            world.now >= contract->bids_close() && world.now < contract->reveal_ends();
        return (in_time && leaf.value->revealed_at() == 0) || world.dice.chance(2);
    });
    if (bids.empty()) return std::nullopt;
    const auto& leaf = world.dice.pick(bids);
    const auto found = world.sealed.find(leaf.value->hash());
    if (found == world.sealed.end()) return std::nullopt;  // sealed by mistake
    const auto& bid = found->second;
    Move move{leaf.parts[3], {}, {}};
    auto& action = *move.body.mutable_reveal_lines();
    *action.mutable_contract() = contract_of(leaf.parts);
    action.set_salt(bid.salt);
    *action.mutable_lines() = bid.lines.lines();
    return move;
}

std::optional<Move> make_withdraw_lines(World& world) {
    const auto bids = world.leaves<pb::Bid>(Kind::bid, [&](const auto& leaf) {
        const auto contract = world.contract(contract_of(leaf.parts));
        return world.now < contract->redemption_deadline() || world.dice.chance(1);
    });
    if (bids.empty()) return std::nullopt;
    const auto& leaf = world.dice.pick(bids);
    Move move{leaf.parts[3], {}, {}};
    *move.body.mutable_withdraw_lines()->mutable_contract() = contract_of(leaf.parts);
    return move;
}

namespace {

void set_standstill(World& world, pb::Award& action, const pb::Contract& contract) {
    action.set_standstill_ends(world.now + contract.standstill_seconds() +
                               (world.dice.chance(50) ? world.dice.below(4 * hour) : 0));
    if (world.slip()) action.set_standstill_ends(world.now + 1);
    if (world.slip()) action.set_standstill_ends(contract.redemption_deadline());
}

/// Lines that a supplier revealed: one bid's, some of them.
std::optional<Move> award_revealed(World& world) {
    const auto lines = world.leaves<pb::RevealedLine>(Kind::revealed_line, [&](const auto& leaf) {
        const auto contract = world.contract(contract_of(leaf.parts));
        const bool ripe =
            world.now >= contract->reveal_ends() && world.now < contract->redemption_deadline();
        return (ripe && leaf.value->award().empty()) || world.dice.chance(1);
    });
    if (lines.empty()) return std::nullopt;
    const auto chosen = world.dice.pick(lines).parts;
    const auto id = contract_of(chosen);
    Move move{chosen[0], {}, {}};
    auto& action = *move.body.mutable_award();
    *action.mutable_contract() = id;
    action.set_supplier(chosen[3]);
    for (const auto& line : lines) {
        const bool same = std::equal(chosen.begin(), chosen.end() - 1, line.parts.begin());
        if (same && (line.parts == chosen || world.dice.chance(60)))
            action.add_revealed(number_of_part(line.parts[4]));
    }
    set_standstill(world, action, *world.contract(id));
    return move;
}

/// Lines that the supplier co-signs.
std::optional<Move> award_co_signed(World& world) {
    const auto contract = pick_contract(
        world, [&](const auto& found) { return world.now >= found.bids_close() || world.slip(); });
    if (!contract) return std::nullopt;
    const auto supplier = pick_supplier(world, contract->id);
    const auto lines = lines_for(world, *contract);
    if (!supplier || lines.empty()) return std::nullopt;
    Move move{contract->id.authority(), {*supplier}, {}};
    auto& action = *move.body.mutable_award();
    *action.mutable_contract() = contract->id;
    action.set_supplier(*supplier);
    for (const auto& line : lines) *action.add_lines() = line;
    set_standstill(world, action, *contract->value);
    return move;
}

}  // namespace

std::optional<Move> make_award(World& world) {
    return world.dice.chance(60) ? award_revealed(world) : award_co_signed(world);
}

std::optional<Move> make_cancel_award(World& world) {
    const auto awards = world.leaves<pb::AwardRecord>(Kind::award, [&](const auto& leaf) {
        const bool standing = leaf.value->status() == pb::AWARD_STATUS_STANDSTILL &&
                              world.now < leaf.value->standstill_ends();
        return standing || world.dice.chance(1);
    });
    if (awards.empty()) return std::nullopt;
    const auto& leaf = world.dice.pick(awards);
    Move move{leaf.value->claim().contract().authority(), {}, {}};
    move.body.mutable_cancel_award()->set_award(leaf.parts[0]);
    *move.body.mutable_cancel_award()->mutable_reason() = random_reason(world.dice);
    return move;
}

}  // namespace tallystick::model
