#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {
namespace {

/// The food bank and the youth club hold 500.00 each of the builders' credits.
Story holding() {
    Story story;
    story.award(builders, "award",
                {commitment(food_bank, laptop, 10), commitment(youth_club, laptop, 10)});
    story.wait_until(issued_at);
    CHECK(story.does(builders, transfer_awarded("award", 0, 10, food_bank)) == "done");
    CHECK(story.does(builders, transfer_awarded("award", 1, 10, youth_club)) == "done");
    return story;
}

TEST_CASE("redeem: every refusal in its order", "[ledger][redeem]") {
    auto story = holding();
    using B = Breach<pb::Redeem>;
    check_refusals<pb::Redeem>(
        story.state(), Scene{youth_club, story.now(), {}},
        redeem({{laptop, 4}, {laptop, 6}}, story.now() + day),
        {B{Refusal::unknown_contract,
           [](auto&, auto&, auto& a) { *a.mutable_claim()->mutable_contract() = nowhere(); }},
         B{Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         B{Refusal::date_out_of_range, [](auto&, auto&, auto& a) { a.set_wanted_by(deadline); }},
         B{Refusal::not_accredited, [](auto&, auto& scene, auto&) { scene.account = choir; }},
         B{Refusal::unknown_resource,
           [](auto&, auto&, auto& a) { a.mutable_lines(1)->set_resource("caravan"); }},
         B{Refusal::unknown_outcome,
           [](auto&, auto&, auto& a) { a.mutable_lines(1)->set_outcome("jobs"); }},
         B{Refusal::unknown_ward,
           [](auto&, auto&, auto& a) { a.mutable_lines(1)->set_ward("gipping"); }},
         B{Refusal::resource_not_promised,
           [](auto&, auto&, auto& a) { a.mutable_lines(1)->set_resource(bid_writer); }},
         B{Refusal::amount_too_large,
           [](auto&, auto&, auto& a) { a.mutable_lines(1)->set_quantity(Amount::hundredths_max); }},
         B{Refusal::insufficient_credits,
           [](auto&, auto&, auto& a) { a.mutable_lines(1)->set_quantity(7); }}});
}

TEST_CASE("redeem: lines of one balance add up, and happen whole or not at all",
          "[ledger][redeem]") {
    auto story = holding();
    const auto soon = story.now() + day;
    CHECK(story.does(food_bank, redeem({{laptop, 6}, {laptop, 5}}, soon), {}, "ask") ==
          "refused: insufficient_credits");
    CHECK(story.balance(food_bank).available() == 50'000);
    CHECK(story.does(food_bank, redeem({{laptop, 6}, {laptop, 3, "jobs", "gipping"}}, soon), {},
                     "ask") == "done");
    CHECK(story.balance(food_bank).available() == 5'000);
    CHECK(story.balance(food_bank).reserved() == 45'000);
    CHECK(told(story.line("ask", 0).cells()) == "outstanding 6");
    CHECK(told(story.line("ask", 1).cells()) == "outstanding 3");
    CHECK(story.line("ask", 1).outcome() == "jobs");
    CHECK(story.line("ask", 0).lapse_at() == story.now() + answering);
    CHECK(story.redemption("ask").status() == pb::REDEMPTION_STATUS_REQUESTED);
    CHECK(story.redemption("ask").open_lines() == 2);
}

TEST_CASE("redeem: wanted after now and before the deadline", "[ledger][redeem]") {
    auto story = holding();
    CHECK(story.does(food_bank, redeem({{laptop, 1}}, story.now()), {}, "1") ==
          "refused: date_out_of_range");
    CHECK(story.does(food_bank, redeem({{laptop, 1}}, story.now() + 1), {}, "2") == "done");
    CHECK(story.does(food_bank, redeem({{laptop, 1}}, deadline - 1), {}, "3") == "done");
    CHECK(story.does(food_bank, redeem({{laptop, 1}}, deadline), {}, "4") ==
          "refused: date_out_of_range");
}

TEST_CASE("redeem: sums beyond an amount are refused, not wrapped", "[ledger][redeem]") {
    auto story = holding();
    const auto half = Amount::hundredths_max / laptop_value;
    CHECK(story.does(food_bank, redeem({{laptop, half}, {laptop, half}}, story.now() + day)) ==
          "refused: amount_too_large");
    const Scene scene{food_bank, story.now()};
    CHECK(value_moved(redeem({{laptop, half}, {laptop, half}}, 1), story.state(),
                      scene.context()) == Amount::hundredths_max);
    CHECK(value_moved(redeem({{laptop, 2}, {bid_writer, 1}}, 1), story.state(), scene.context()) ==
          37'000);
    CHECK(value_moved(redeem({{"caravan", 2}}, 1), story.state(), scene.context()) == 0);
    CHECK(value_moved(redeem({{"caravan", 2}, {laptop, 2}}, 1), story.state(), scene.context()) ==
          10'000);
}

TEST_CASE("redeem: form", "[ledger][redeem]") {
    const Scene scene{food_bank};
    const auto form = [&](auto change) {
        auto action = redeem({{laptop, 1}}, 1);
        change(action);
        return told(check(action, scene.check_context()));
    };
    CHECK(form([](auto&) {}) == "well-formed");
    CHECK(form([](auto& a) { a.clear_claim(); }) == malformed(Malformed::bad_contract_id));
    CHECK(form([](auto& a) { a.clear_lines(); }) == malformed(Malformed::bad_size));
    CHECK(form([](auto& a) {
              for (int i = 0; i < 64; ++i) *a.add_lines() = a.lines(0);
          }) == malformed(Malformed::bad_size));
    CHECK(form([](auto& a) { a.mutable_lines(0)->set_resource(""); }) ==
          malformed(Malformed::bad_code));
    CHECK(form([](auto& a) { a.mutable_lines(0)->set_quantity(0); }) ==
          malformed(Malformed::bad_quantity));
    CHECK(form([](auto& a) { a.mutable_lines(0)->set_ward("a b"); }) ==
          malformed(Malformed::bad_code));
    CHECK(form([](auto& a) { a.set_wanted_by(0); }) == malformed(Malformed::bad_time));
}

}  // namespace
}  // namespace tallystick::ledger::test
