#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {
namespace {

Story issued() {
    Story story;
    story.award(builders, "award",
                {commitment(food_bank, laptop, 10), commitment(youth_club, bid_writer, 3)});
    story.award(builders, "standing", {commitment(food_bank, laptop, 1)}, issued_at + 9 * day);
    story.wait_until(issued_at);
    return story;
}

TEST_CASE("transfer_awarded: every refusal in its order", "[ledger][transfer_awarded]") {
    auto story = issued();
    using B = Breach<pb::TransferAwarded>;
    check_refusals<pb::TransferAwarded>(
        story.state(), Scene{builders, story.now(), {}},
        transfer_awarded("award", 0, 10, food_bank),
        {B{Refusal::unknown_award, [](auto&, auto&, auto& a) { a.set_award(bytes32("no")); }},
         B{Refusal::not_the_awards_supplier,
           [](auto&, auto& scene, auto&) { scene.account = cleaners; }},
         B{Refusal::award_not_issued,
           [](auto&, auto&, auto& a) { a.set_award(bytes32("standing")); }},
         B{Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         B{Refusal::unknown_line, [](auto&, auto&, auto& a) { a.set_line(2); }},
         B{Refusal::unknown_recipient, [](auto&, auto&, auto& a) { a.set_to("suffolk/nobody"); }},
         B{Refusal::recipient_not_a_project, [](auto&, auto&, auto& a) { a.set_to(cleaners); }},
         B{Refusal::on_the_other_side,
           [](auto& state, auto&, auto& a) {
               state.with_side(bridge(), cooperative, pb::ROLE_SUPPLIER);
               a.set_to(cooperative);
           }},
         B{Refusal::another_project_than_awarded,
           [](auto&, auto&, auto& a) { a.set_to(youth_club); }},
         B{Refusal::not_on_the_contract,
           [](auto& state, auto&, auto&) { state.erase(accreditation_key(bridge(), food_bank)); }},
         B{Refusal::insufficient_units, [](auto&, auto&, auto& a) { a.set_quantity(11); }}});
}

TEST_CASE("transfer_awarded: moves units times unit value; an empty line is not passed on",
          "[ledger][transfer_awarded]") {
    auto story = issued();
    CHECK(story.does(builders, transfer_awarded("award", 0, 4, food_bank)) == "done");
    CHECK(story.balance(food_bank).available() == 20'000);
    CHECK(story.balance(builders).available() == 30'000 + 81'000);
    CHECK(story.awarded("award").transferred() == 4);
    CHECK(story.awarded("award").pass_on_at() == passes_on_at);
    CHECK(story.does(builders, transfer_awarded("award", 0, 7, food_bank)) ==
          "refused: insufficient_units");
    CHECK(story.does(builders, transfer_awarded("award", 0, 6, food_bank)) == "done");
    CHECK(story.awarded("award").pass_on_at() == 0);
}

TEST_CASE("transfer_awarded: to any project with the contract's authority, which fixes its side",
          "[ledger][transfer_awarded]") {
    auto story = issued();
    CHECK(story.does(builders, transfer_awarded("award", 1, 1, choir), {norfolk}) ==
          "refused: another_project_than_awarded");
    CHECK(story.does(builders, transfer_awarded("award", 1, 1, choir), {suffolk}) == "done");
    CHECK(story.balance(choir).available() == 27'000);
    CHECK(story.state().get(participant_key(bridge(), choir))->role() == pb::ROLE_PROJECT);
    CHECK(story.does(builders, transfer_awarded("award", 1, 1, suffolk), {suffolk}) ==
          "refused: recipient_not_a_project");
}

TEST_CASE("transfer_awarded: form and value", "[ledger][transfer_awarded]") {
    auto story = issued();
    const Scene scene{builders};
    const auto form = [&](auto change) {
        auto action = transfer_awarded("award", 0, 1, food_bank);
        change(action);
        return told(check(action, scene.check_context()));
    };
    CHECK(form([](auto& a) { a.set_award("short"); }) == malformed(Malformed::bad_hash));
    CHECK(form([](auto& a) { a.set_quantity(0); }) == malformed(Malformed::bad_quantity));
    CHECK(form([](auto& a) { a.set_to("x"); }) == malformed(Malformed::bad_handle));
    CHECK(form([](auto& a) { a.set_to(builders); }) == malformed(Malformed::to_oneself));
    const auto value = [&](const pb::TransferAwarded& action) {
        return value_moved(action, story.state(), scene.context());
    };
    CHECK(value(transfer_awarded("award", 1, 2, youth_club)) == 54'000);
    CHECK(value(transfer_awarded("award", 9, 2, youth_club)) == 0);
    CHECK(value(transfer_awarded("award", 1, Amount::hundredths_max, youth_club)) ==
          Amount::hundredths_max);
}

}  // namespace
}  // namespace tallystick::ledger::test
