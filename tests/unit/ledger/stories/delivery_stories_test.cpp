#include "ledger/actions/close_contract.hpp"
#include "unit/ledger/story.hpp"

// Stories of what is delivered, and what is not, told with numbers. Every step checks every law.
namespace tallystick::ledger::test {
namespace {

using Done = std::vector<std::string>;

/// The food bank holds 10 laptops' worth of the builders' credits: 500.00.
Story ten_laptops() {
    Story story;
    story.award(builders, "award", {commitment(food_bank, laptop, 10)});
    CHECK(story.wait_until(issued_at) == Done{"ISSUE: done"});
    CHECK(story.does(builders, transfer_awarded("award", 0, 10, food_bank)) == "done");
    CHECK(story.balance(food_bank).available() == 50'000);
    return story;
}

TEST_CASE("what is not delivered comes back after a part was, and a late delivery is refused",
          "[ledger][story]") {
    auto story = ten_laptops();
    const auto agreed = story.now() + 20 * day;
    CHECK(story.does(food_bank, redeem({{laptop, 10}}, agreed), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", agreed)) == "done");
    CHECK(story.does(builders, record("ask", 0, 4, "photo 1")) == "done");
    CHECK(story.balance(food_bank).reserved() == 50'000);

    CHECK(story.wait_until(agreed + undelivered - 1).empty());
    CHECK(story.wait_until(agreed + undelivered) == Done{"LAPSE: done"});
    CHECK(told(story.line("ask").cells()) == "delivered 4, released 6");
    CHECK(story.line("ask").lapsed() == 6);
    CHECK(story.balance(food_bank).available() == 30'000);
    CHECK(story.balance(food_bank).reserved() == 20'000);

    CHECK(story.does(builders, record("ask", 0, 1, "photo 2")) == "refused: more_than_outstanding");
    CHECK(story.does(food_bank, confirm("ask", 0, 5)) == "refused: more_than_delivered");
    CHECK(story.does(food_bank, confirm("ask", 0, 4)) == "done");
    CHECK(story.does(suffolk, verify("ask", 0, 4)) == "done");
    CHECK(story.redemption("ask").status() == pb::REDEMPTION_STATUS_ENDED);
    CHECK(story.does(builders, record("ask", 0, 1, "photo 2")) == "refused: redemption_ended");
    CHECK(story.totals().retired() == 20'000);
    // Six laptops are still promised, and can be asked for again.
    CHECK(story.promise(laptop).accepted() == 4);
    CHECK(story.does(food_bank, redeem({{laptop, 6}}, story.now() + day), {}, "again") == "done");
}

TEST_CASE("a dispute resolves into thirds", "[ledger][story]") {
    auto story = ten_laptops();
    const auto agreed = story.now() + 5 * day;
    CHECK(story.does(food_bank, redeem({{laptop, 9}}, agreed), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", agreed)) == "done");
    CHECK(story.does(builders, record("ask", 0, 9, "photo")) == "done");
    CHECK(story.does(food_bank, confirm("ask", 0, 3)) == "done");
    CHECK(story.does(suffolk, dispute("ask", 0, 3, pb::CELL_CONFIRMED)) == "done");
    CHECK(story.does(food_bank, dispute("ask", 0, 6, pb::CELL_DELIVERED)) == "done");
    CHECK(told(story.line("ask").cells()) == "disputed-delivered 6, disputed-confirmed 3");
    CHECK(story.balance(food_bank).disputed() == 45'000);

    CHECK(story.does(suffolk, resolve("ask", 0, 3, 3)) == "refused: not_all_disputed");
    // Three of the six to retire the group never confirmed: it has to agree.
    CHECK(story.does(suffolk, resolve("ask", 0, 3, 6)) == "refused: project_has_not_signed");
    CHECK(story.does(suffolk, resolve("ask", 0, 3, 6), {food_bank}) == "done");
    CHECK(told(story.line("ask").cells()) == "retired 6, released 3");
    CHECK(story.redemption("ask").status() == pb::REDEMPTION_STATUS_ENDED);
    CHECK(story.balance(food_bank).available() == 5'000 + 15'000);
    CHECK(story.balance(food_bank).disputed() == 0);
    CHECK(story.totals().retired() == 30'000);
    CHECK(story.does(suffolk, resolve("ask", 0, 3, 6), {food_bank}) == "refused: nothing_disputed");
}

TEST_CASE("a contract ends with 4 outstanding, 3 delivered and 2 confirmed", "[ledger][story]") {
    auto story = ten_laptops();
    CHECK(story.wait_until(deadline - 10 * day).empty());
    CHECK(story.does(food_bank, redeem({{laptop, 9}}, deadline - day), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", deadline - day)) == "done");
    CHECK(story.does(builders, record("ask", 0, 5, "photo")) == "done");
    CHECK(story.does(food_bank, confirm("ask", 0, 2)) == "done");
    CHECK(told(story.line("ask").cells()) == "outstanding 4, delivered 3, confirmed 2");

    // One laptop's worth was never asked for: it expires beside the four.
    CHECK(story.wait_until(deadline - 1).empty());
    CHECK(story.wait_until(deadline) == Done{"EXPIRE: done", "EXPIRE: done"});
    CHECK(told(story.line("ask").cells()) == "delivered 3, confirmed 2, expired 4");
    CHECK(story.totals().expired() == 20'000 + 5'000);
    CHECK(story.does(builders, record("ask", 0, 1, "late")) == "refused: contract_not_open");

    CHECK(story.wait_until(settling_ends - 1).empty());
    CHECK(story.wait_until(settling_ends) == Done{"EXPIRE: done"});
    CHECK(told(story.line("ask").cells()) == "confirmed 2, expired 7");
    CHECK(story.line("ask").unconfirmed() == 3);
    pb::CloseContract close;
    *close.mutable_contract() = bridge();
    CHECK(story.does(suffolk, close) == "refused: credits_outstanding");
    CHECK(story.does(suffolk, verify("ask", 0, 2)) == "done");
    CHECK(story.does(suffolk, close) == "done");
    CHECK(story.totals().issued() == 50'000);
    CHECK(story.totals().retired() == 10'000);
    CHECK(story.totals().expired() == 40'000);
    CHECK(story.wait_until(settling_ends + 1000 * day).empty());
}

TEST_CASE("what was confirmed before a dispute waits for the authority alone when settling ends",
          "[ledger][story]") {
    auto story = ten_laptops();
    const auto agreed = story.now() + 5 * day;
    CHECK(story.does(food_bank, redeem({{laptop, 10}}, agreed), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", agreed)) == "done");
    CHECK(story.does(builders, record("ask", 0, 10, "photo")) == "done");
    CHECK(story.does(food_bank, confirm("ask", 0, 4)) == "done");
    CHECK(story.does(builders, dispute("ask", 0, 4, pb::CELL_CONFIRMED)) == "done");
    CHECK(story.does(food_bank, dispute("ask", 0, 5, pb::CELL_DELIVERED)) == "done");

    CHECK(story.wait_until(deadline).empty());
    CHECK(story.wait_until(settling_ends) == Done{"EXPIRE: done"});
    CHECK(told(story.line("ask").cells()) == "confirmed 4, expired 6");
    CHECK(story.line("ask").unconfirmed() == 6);
    CHECK(story.does(food_bank, dispute("ask", 0, 1, pb::CELL_CONFIRMED)) ==
          "refused: dispute_window_over");
    CHECK(story.does(suffolk, verify("ask", 0, 4)) == "done");
    CHECK(story.totals().retired() == 20'000);
}

TEST_CASE("while settling, what a dispute gives to the project expires", "[ledger][story]") {
    auto story = ten_laptops();
    const auto agreed = story.now() + 5 * day;
    CHECK(story.does(food_bank, redeem({{laptop, 10}}, agreed), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", agreed)) == "done");
    CHECK(story.does(builders, record("ask", 0, 10, "photo")) == "done");
    CHECK(story.does(food_bank, dispute("ask", 0, 10, pb::CELL_DELIVERED)) == "done");
    CHECK(story.wait_until(deadline).empty());
    CHECK(story.does(suffolk, resolve("ask", 0, 4, 6), {food_bank}) == "done");
    CHECK(told(story.line("ask").cells()) == "retired 6, expired 4");
    CHECK(story.line("ask").unconfirmed() == 0);
    CHECK(story.balance(food_bank).available() == 0);
    CHECK(story.totals().expired() == 20'000);
}

TEST_CASE("a silent group: credits come to it by themselves, and expire unconfirmed and unspent",
          "[ledger][story]") {
    Story story;
    story.award(builders, "award", {commitment(food_bank, laptop, 10)});
    CHECK(story.wait_until(passes_on_at - 1) == Done{"ISSUE: done"});
    CHECK(story.balance(builders).available() == 50'000);
    CHECK(story.wait_until(passes_on_at) == Done{"PASS_ON: done"});
    CHECK(story.balance(builders).available() == 0);
    CHECK(story.balance(food_bank).available() == 50'000);
    CHECK(story.awarded("award").passed_on() == 10);

    const auto agreed = story.now() + 5 * day;
    CHECK(story.does(food_bank, redeem({{laptop, 3}}, agreed), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", agreed)) == "done");
    CHECK(story.does(builders, record("ask", 0, 3, "photo")) == "done");
    // Silence never confirms anything.
    CHECK(story.wait_until(deadline) == Done{"EXPIRE: done"});
    CHECK(told(story.line("ask").cells()) == "delivered 3");
    CHECK(story.totals().expired() == 35'000);
    CHECK(story.wait_until(settling_ends) == Done{"EXPIRE: done"});
    CHECK(told(story.line("ask").cells()) == "expired 3");
    CHECK(story.totals().retired() == 0);
    CHECK(story.totals().expired() == 50'000);
    CHECK(story.does(food_bank, confirm("ask", 0, 3)) == "refused: more_than_delivered");
}

TEST_CASE("a supplier accepts and vanishes", "[ledger][story]") {
    auto story = ten_laptops();
    const auto agreed = story.now() + 30 * day;
    CHECK(story.does(food_bank, redeem({{laptop, 6}, {laptop, 4}}, agreed), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", agreed)) == "done");
    CHECK(story.promise(laptop).accepted() == 10);
    // Both would have to agree until the agreed date; after it the group may give up alone.
    CHECK(story.wait_until(agreed).empty());
    CHECK(story.does(food_bank, cancel("ask", {0})) == "refused: supplier_must_agree");
    CHECK(story.wait_until(agreed + 1).empty());
    CHECK(story.does(food_bank, cancel("ask", {0})) == "done");
    CHECK(story.balance(food_bank).available() == 30'000);
    CHECK(story.wait_until(agreed + undelivered) == Done{"LAPSE: done"});
    CHECK(story.redemption("ask").status() == pb::REDEMPTION_STATUS_ENDED);
    CHECK(story.balance(food_bank).available() == 50'000);
    CHECK(story.balance(food_bank).reserved() == 0);
    CHECK(story.promise(laptop).accepted() == 0);
    // Asked again it declines: that is a broken promise, whatever it had accepted before.
    CHECK(story.does(food_bank, redeem({{laptop, 10}}, story.now() + day), {}, "again") == "done");
    CHECK(story.does(builders, decline("again")) == "done");
    CHECK(story.line("again").broken() == 10);
    CHECK(story.wait_until(deadline) == Done{"EXPIRE: done"});
    CHECK(story.totals().expired() == 50'000);
}

TEST_CASE("a redemption that nobody answers lapses after 14 days", "[ledger][story]") {
    auto story = ten_laptops();
    const auto asked = story.now();
    CHECK(story.does(food_bank, redeem({{laptop, 6}}, asked + 30 * day), {}, "ask") == "done");
    CHECK(story.wait_until(asked + answering - 1).empty());
    CHECK(story.wait_until(asked + answering) == Done{"LAPSE: done"});
    CHECK(story.redemption("ask").status() == pb::REDEMPTION_STATUS_LAPSED);
    CHECK(story.does(builders, accept("ask", asked + 30 * day)) == "refused: redemption_ended");
    CHECK(story.balance(food_bank).available() == 50'000);
}

}  // namespace
}  // namespace tallystick::ledger::test
