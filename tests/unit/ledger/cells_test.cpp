#include "ledger/cells.hpp"

#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {
namespace {

/// The food bank asked for 6 and 4 laptops, and the builders accepted.
Story accepted() {
    Story story;
    story.award(builders, "award", {commitment(food_bank, laptop, 10)});
    story.wait_until(issued_at);
    CHECK(story.does(builders, transfer_awarded("award", 0, 10, food_bank)) == "done");
    const auto soon = story.now() + day;
    CHECK(story.does(food_bank, redeem({{laptop, 6}, {laptop, 4}}, soon), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", soon)) == "done");
    return story;
}

void move(Story& story, std::uint32_t line, const UnitMove& unit_move) {
    Draft draft{story.state()};
    const auto id = bytes32("ask");
    move_units(draft, {id, line}, unit_move);
    story.state().apply(draft.changes());
    story.check_laws();
}

TEST_CASE("each cell's credits stand in its pocket", "[ledger][cells]") {
    CHECK(pocket_of(pb::CELL_OUTSTANDING) == pb::POCKET_RESERVED);
    CHECK(pocket_of(pb::CELL_DELIVERED) == pb::POCKET_RESERVED);
    CHECK(pocket_of(pb::CELL_DISPUTED_DELIVERED) == pb::POCKET_DISPUTED);
    CHECK(pocket_of(pb::CELL_DISPUTED_CONFIRMED) == pb::POCKET_DISPUTED);
    CHECK(pocket_of(pb::CELL_CONFIRMED) == pb::POCKET_CONFIRMED);
    CHECK(pocket_of(pb::CELL_RETIRED) == pb::POCKET_RETIRED);
    CHECK(pocket_of(pb::CELL_RELEASED) == pb::POCKET_AVAILABLE);
    CHECK(pocket_of(pb::CELL_EXPIRED) == pb::POCKET_EXPIRED);
}

TEST_CASE("units take their credits along, cell by cell", "[ledger][cells]") {
    auto story = accepted();
    const auto at = story.now();
    move(story, 0, {pb::CELL_OUTSTANDING, pb::CELL_DELIVERED, 5, at});
    CHECK(story.balance(food_bank).reserved() == 50'000);
    move(story, 0, {pb::CELL_DELIVERED, pb::CELL_CONFIRMED, 3, at});
    CHECK(story.balance(food_bank).reserved() == 35'000);
    CHECK(story.balance(food_bank).confirmed() == 15'000);
    move(story, 0, {pb::CELL_CONFIRMED, pb::CELL_DISPUTED_CONFIRMED, 1, at});
    move(story, 0, {pb::CELL_CONFIRMED, pb::CELL_RETIRED, 2, at});
    CHECK(story.balance(food_bank).confirmed() == 0);
    CHECK(story.balance(food_bank).disputed() == 5'000);
    CHECK(story.totals().retired() == 10'000);
    CHECK(told(story.line("ask").cells()) ==
          "outstanding 1, delivered 2, disputed-confirmed 1, retired 2");
}

TEST_CASE("a redemption ends with its last open unit, and says how", "[ledger][cells]") {
    const auto ended = [](MoveCause first, MoveCause second) {
        auto story = accepted();
        const auto at = story.now();
        move(story, 0, {pb::CELL_OUTSTANDING, pb::CELL_RELEASED, 6, at, first});
        CHECK(story.redemption("ask").open_lines() == 1);
        CHECK(story.redemption("ask").status() == pb::REDEMPTION_STATUS_ACCEPTED);
        move(story, 1, {pb::CELL_OUTSTANDING, pb::CELL_RELEASED, 4, at, second});
        CHECK(story.redemption("ask").open_lines() == 0);
        CHECK(story.promise(laptop).accepted() == 0);
        return story.redemption("ask").status();
    };
    CHECK(ended(MoveCause::cancelled, MoveCause::cancelled) == pb::REDEMPTION_STATUS_CANCELLED);
    CHECK(ended(MoveCause::cancelled, MoveCause::lapsed) == pb::REDEMPTION_STATUS_ENDED);
    CHECK(ended(MoveCause::lapsed, MoveCause::lapsed) == pb::REDEMPTION_STATUS_ENDED);
    CHECK(ended(MoveCause::cancelled, MoveCause::declined) == pb::REDEMPTION_STATUS_DECLINED);
}

TEST_CASE("units wait since the first of them came", "[ledger][cells]") {
    auto story = accepted();
    move(story, 0, {pb::CELL_OUTSTANDING, pb::CELL_DELIVERED, 1, 1000});
    move(story, 0, {pb::CELL_OUTSTANDING, pb::CELL_DELIVERED, 1, 2000});
    CHECK(story.line("ask").delivered_since() == 1000);
    move(story, 0, {pb::CELL_DELIVERED, pb::CELL_CONFIRMED, 2, 3000});
    CHECK(story.line("ask").delivered_since() == 0);
    CHECK(story.line("ask").confirmed_since() == 3000);
}

}  // namespace
}  // namespace tallystick::ledger::test
