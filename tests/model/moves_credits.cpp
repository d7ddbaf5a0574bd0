#include <algorithm>

#include "model/world.hpp"

namespace tallystick::model {
namespace {

struct IssuedLine {
    std::string award;
    std::uint32_t number;
    std::uint64_t left;
    pb::CommitmentLine line;
    pb::Claim claim;
};

std::optional<IssuedLine> pick_issued_line(World& world) {
    std::vector<IssuedLine> found;
    for (const auto& leaf : world.leaves<pb::AwardedLine>(Kind::awarded_line)) {
        const auto award = world.state.get(award_key(leaf.parts[0]));
        const auto& line = *leaf.value;
        const auto left =
            line.line().quantity() - line.transferred() - line.passed_on() - line.returned();
        const auto contract = world.contract(award->claim().contract());
        const bool usable = award->status() == pb::AWARD_STATUS_ISSUED && left > 0 &&
                            world.now < contract->redemption_deadline();
        if (usable || world.dice.chance(1))
            found.push_back(
                {leaf.parts[0], number_of_part(leaf.parts[1]), left, line.line(), award->claim()});
    }
    if (found.empty()) return std::nullopt;
    return world.dice.pick(found);
}

std::uint64_t some_of(World& world, std::uint64_t left) {
    if (world.slip()) return left + 1;
    return left == 0 || world.dice.chance(30) ? std::max<std::uint64_t>(left, 1)
                                              : world.dice.between(1, left);
}

struct Holding {
    std::string account;
    pb::Claim claim;
    std::uint64_t available;
};

/// A project's credits on a contract that is open.
std::optional<Holding> pick_holding(World& world) {
    std::vector<Holding> found;
    for (const auto& leaf : world.leaves<pb::Balance>(Kind::balance)) {
        pb::ContractId id;
        id.set_authority(leaf.parts[1]);
        id.set_ocid(leaf.parts[2]);
        id.set_lot(leaf.parts[3]);
        const bool usable = leaf.value->available() > 0 && leaf.parts[0] != leaf.parts[4] &&
                            world.now < world.contract(id)->redemption_deadline();
        if (usable || world.dice.chance(2))
            found.push_back({leaf.parts[0], claim_of(id, leaf.parts[4]), leaf.value->available()});
    }
    if (found.empty()) return std::nullopt;
    return world.dice.pick(found);
}

}  // namespace

std::optional<Move> make_transfer_awarded(World& world) {
    const auto line = pick_issued_line(world);
    if (!line) return std::nullopt;
    Move move{line->claim.supplier(), {}, {}};
    auto& action = *move.body.mutable_transfer_awarded();
    action.set_award(line->award);
    action.set_line(line->number);
    action.set_quantity(some_of(world, line->left));
    action.set_to(line->line.project());
    if (world.dice.chance(25)) {
        action.set_to(world.dice.pick(world.accounts(pb::ROLE_PROJECT)));
        if (!world.slip()) move.co_signers.push_back(line->claim.contract().authority());
    }
    if (world.slip()) action.set_to(world.dice.pick(world.accounts()));
    return move;
}

std::optional<Move> make_transfer(World& world) {
    const auto holding = pick_holding(world);
    if (!holding) return std::nullopt;
    Move move{holding->account, {}, {}};
    auto& action = *move.body.mutable_transfer();
    *action.mutable_claim() = holding->claim;
    action.set_amount(some_of(world, holding->available));
    const auto to = world.slip() ? world.accounts() : world.accounts(pb::ROLE_PROJECT);
    action.set_to(world.dice.pick(to));
    if (!world.accredited(holding->claim.contract(), action.to()) && !world.slip())
        move.co_signers.push_back(holding->claim.contract().authority());
    if (world.dice.chance(30)) action.set_reference(world.dice.bytes(32));
    return move;
}

std::optional<Move> make_return_credits(World& world) {
    const auto holding = pick_holding(world);
    if (!holding) return std::nullopt;
    Move move{holding->account, {}, {}};
    *move.body.mutable_return_credits()->mutable_claim() = holding->claim;
    move.body.mutable_return_credits()->set_amount(some_of(world, holding->available));
    return move;
}

std::optional<Move> make_return_awarded(World& world) {
    const auto line = pick_issued_line(world);
    if (!line) return std::nullopt;
    Move move{line->claim.supplier(), {}, {}};
    if (!world.slip()) move.co_signers.push_back(line->claim.contract().authority());
    auto& action = *move.body.mutable_return_awarded();
    action.set_award(line->award);
    action.set_line(line->number);
    action.set_quantity(some_of(world, line->left));
    return move;
}

std::optional<Move> make_redeem(World& world) {
    const auto holding = pick_holding(world);
    if (!holding) return std::nullopt;
    const auto& id = holding->claim.contract();
    const auto contract = world.contract(id);
    const auto grant = world.accredited(id, holding->account);
    if (!grant && !world.slip()) return std::nullopt;
    const auto outcomes = list_of(grant ? grant->grant().outcomes() : contract->outcomes());
    const auto wards = list_of(grant ? grant->grant().wards() : contract->wards());

    Move move{holding->account, {}, {}};
    auto& action = *move.body.mutable_redeem();
    *action.mutable_claim() = holding->claim;
    auto left = holding->available;
    for (auto lines = world.dice.between(1, 3); lines > 0; --lines) {
        const auto& priced = world.dice.pick(contract->prices());
        const auto promise =
            world.state.get(promise_key(holding->claim, priced.price().resource()));
        if ((!promise || promise->awarded() == 0) && !world.slip()) continue;
        const auto most = left / priced.unit_value();
        if (most == 0 && !world.slip()) continue;
        auto& line = *action.add_lines();
        line.set_resource(priced.price().resource());
        line.set_quantity(std::max<std::uint64_t>(1, world.dice.between(most / 3, most)));
        line.set_outcome(world.dice.pick(outcomes));
        line.set_ward(world.dice.pick(wards));
        left -= std::min(left, line.quantity() * priced.unit_value());
    }
    if (action.lines().empty()) return std::nullopt;
    action.set_wanted_by(world.slip() ? contract->redemption_deadline()
                                      : world.now + world.dice.between(1, 20 * hour));
    return move;
}

}  // namespace tallystick::model
