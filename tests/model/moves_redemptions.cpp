#include <algorithm>
#include <set>
#include <tuple>

#include "model/world.hpp"

namespace tallystick::model {
namespace {

using RedemptionLeaf = Leaf<pb::Redemption>;

template <class Keep>
std::optional<RedemptionLeaf> pick_redemption(World& world, Keep keep) {
    const auto found = world.leaves<pb::Redemption>(Kind::redemption, [&](const auto& leaf) {
        const auto contract = world.contract(leaf.value->claim().contract());
        const bool open = world.now < contract->redemption_deadline();
        return (open && keep(*leaf.value)) || world.dice.chance(1);
    });
    if (found.empty()) return std::nullopt;
    return world.dice.pick(found);
}

struct Line {
    std::string id;
    std::uint32_t number;
    pb::Cells cells;
    std::shared_ptr<const pb::Redemption> redemption;

    friend bool operator<(const Line& a, const Line& b) {
        return std::tie(a.id, a.number) < std::tie(b.id, b.number);
    }
};

/// Redemption lines whose cells and redemption are such.
template <class Keep>
std::vector<Line> lines(World& world, Keep keep) {
    std::vector<Line> found;
    for (const auto& leaf : world.leaves<pb::RedemptionLine>(Kind::redemption_line)) {
        Line line{leaf.parts[0], number_of_part(leaf.parts[1]), leaf.value->cells(),
                  world.state.get(redemption_key(leaf.parts[0]))};
        if (keep(line) || world.dice.chance(1)) found.push_back(std::move(line));
    }
    return found;
}

std::uint64_t some_of(World& world, std::uint64_t units) {
    if (world.slip()) return units + 1;
    return units == 0 || world.dice.chance(50) ? std::max<std::uint64_t>(units, 1)
                                               : world.dice.between(1, units);
}

bool is_requested(const pb::Redemption& redemption) {
    return redemption.status() == pb::REDEMPTION_STATUS_REQUESTED;
}
bool is_accepted(const pb::Redemption& redemption) {
    return redemption.status() == pb::REDEMPTION_STATUS_ACCEPTED;
}

}  // namespace

std::optional<Move> make_accept(World& world) {
    const auto leaf = pick_redemption(world, is_requested);
    if (!leaf) return std::nullopt;
    Move move{leaf->value->claim().supplier(), {}, {}};
    auto& action = *move.body.mutable_accept_redemption();
    action.set_redemption(leaf->parts[0]);
    action.set_date(world.now + world.dice.below(10 * hour));
    if (world.slip()) action.set_date(leaf->value->wanted_by() + world.dice.below(2 * day));
    return move;
}

std::optional<Move> make_decline(World& world) {
    const auto leaf = pick_redemption(world, is_requested);
    if (!leaf) return std::nullopt;
    Move move{leaf->value->claim().supplier(), {}, {}};
    move.body.mutable_decline_redemption()->set_redemption(leaf->parts[0]);
    *move.body.mutable_decline_redemption()->mutable_reason() = random_reason(world.dice);
    return move;
}

std::optional<Move> make_cancel(World& world) {
    const auto leaf = pick_redemption(world, [](const auto& redemption) {
        return is_requested(redemption) || is_accepted(redemption);
    });
    if (!leaf) return std::nullopt;
    const auto& supplier = leaf->value->claim().supplier();
    const auto& project = leaf->value->project();
    Move move{project, {}, {}};
    if (world.dice.chance(25))
        move = {supplier, {project}, {}};
    else if (is_accepted(*leaf->value) && world.dice.chance(70))
        move.co_signers.push_back(supplier);
    auto& action = *move.body.mutable_cancel_redemption();
    action.set_redemption(leaf->parts[0]);
    for (std::uint32_t number = 0; number < leaf->value->lines(); ++number) {
        const auto line = world.state.get(redemption_line_key(leaf->parts[0], number));
        if (line->cells().outstanding() > 0 && world.dice.chance(80)) action.add_lines(number);
    }
    if (action.lines().empty()) action.add_lines(static_cast<std::uint32_t>(world.dice.below(3)));
    return move;
}

std::optional<Move> make_record(World& world) {
    const auto found = lines(world, [](const Line& line) {
        return is_accepted(*line.redemption) && line.cells.outstanding() > 0;
    });
    if (found.empty()) return std::nullopt;
    const auto& line = world.dice.pick(found);
    Move move{line.redemption->claim().supplier(), {}, {}};
    auto& action = *move.body.mutable_record_delivery();
    action.set_redemption(line.id);
    action.set_line(line.number);
    action.set_quantity(some_of(world, line.cells.outstanding()));
    // A small space of tags, so that some come twice.
    std::set<std::string> tags;
    for (auto count = world.dice.between(1, 2); count > 0; --count)
        tags.insert(sha256("photograph " + std::to_string(world.dice.below(600))).str());
    for (const auto& tag : tags) action.add_evidence(tag);
    return move;
}

namespace {

/// Lines of one party, as a batch.
template <class Action, class Party, class Units>
std::optional<std::string> batch(World& world, Action& action, Party party, Units units) {
    auto found = lines(world, [&](const Line& line) { return units(line.cells) > 0; });
    if (found.empty()) return std::nullopt;
    const auto who = party(world.dice.pick(found));
    std::sort(found.begin(), found.end());
    for (const auto& line : found) {
        if (party(line) != who || (!action.lines().empty() && world.dice.chance(40))) continue;
        auto& each = *action.add_lines();
        each.set_redemption(line.id);
        each.set_line(line.number);
        each.set_quantity(some_of(world, units(line.cells)));
    }
    return who;
}

}  // namespace

std::optional<Move> make_confirm(World& world) {
    Move move;
    const auto who = batch(
        world, *move.body.mutable_confirm_delivery(),
        [](const Line& line) { return line.redemption->project(); },
        [](const pb::Cells& cells) { return cells.delivered(); });
    if (!who) return std::nullopt;
    move.account = *who;
    return move;
}

std::optional<Move> make_verify(World& world) {
    Move move;
    const auto who = batch(
        world, *move.body.mutable_verify_delivery(),
        [](const Line& line) { return line.redemption->claim().contract().authority(); },
        [](const pb::Cells& cells) { return cells.confirmed(); });
    if (!who) return std::nullopt;
    move.account = *who;
    return move;
}

std::optional<Move> make_dispute(World& world) {
    const auto found = lines(world, [](const Line& line) {
        return line.cells.delivered() + line.cells.confirmed() > 0;
    });
    if (found.empty()) return std::nullopt;
    const auto& line = world.dice.pick(found);
    const auto& claim = line.redemption->claim();
    const std::vector<std::string> parties{line.redemption->project(), claim.supplier(),
                                           claim.contract().authority()};
    Move move{world.dice.pick(parties), {}, {}};
    auto& action = *move.body.mutable_dispute();
    action.set_redemption(line.id);
    action.set_line(line.number);
    const bool confirmed =
        line.cells.delivered() == 0 || (line.cells.confirmed() > 0 && world.dice.chance(50));
    action.set_from(confirmed ? pb::CELL_CONFIRMED : pb::CELL_DELIVERED);
    action.set_quantity(
        some_of(world, confirmed ? line.cells.confirmed() : line.cells.delivered()));
    *action.mutable_reason() = random_reason(world.dice);
    return move;
}

std::optional<Move> make_resolve(World& world) {
    const auto found = lines(world, [](const Line& line) {
        return line.cells.disputed_delivered() + line.cells.disputed_confirmed() > 0;
    });
    if (found.empty()) return std::nullopt;
    const auto& line = world.dice.pick(found);
    Move move{line.redemption->claim().contract().authority(), {}, {}};
    const auto disputed = line.cells.disputed_delivered() + line.cells.disputed_confirmed();
    auto& action = *move.body.mutable_resolve_dispute();
    action.set_redemption(line.id);
    action.set_line(line.number);
    action.set_to_retire(world.dice.between(0, disputed));
    action.set_to_project(disputed - action.to_retire() + (world.slip() || disputed == 0 ? 1 : 0));
    if (action.to_retire() > line.cells.disputed_confirmed() && !world.slip())
        move.co_signers.push_back(line.redemption->project());
    return move;
}

}  // namespace tallystick::model
