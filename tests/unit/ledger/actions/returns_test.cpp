#include "unit/ledger/story.hpp"

// return_credits and return_awarded: two ways in which credits go back, by who holds them.
namespace tallystick::ledger::test {
namespace {

Story holding() {
    Story story;
    story.award(builders, "award", {commitment(food_bank, laptop, 10)});
    story.award(builders, "standing", {commitment(food_bank, laptop, 1)}, issued_at + 9 * day);
    story.wait_until(issued_at);
    CHECK(story.does(builders, transfer_awarded("award", 0, 4, food_bank)) == "done");
    return story;
}

TEST_CASE("return_credits: every refusal in its order", "[ledger][return_credits]") {
    auto story = holding();
    using B = Breach<pb::ReturnCredits>;
    check_refusals<pb::ReturnCredits>(
        story.state(), Scene{food_bank, story.now(), {}}, return_credits(20'000),
        {B{Refusal::unknown_contract,
           [](auto&, auto&, auto& a) { *a.mutable_claim()->mutable_contract() = nowhere(); }},
         B{Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         B{Refusal::supplier_may_not_transfer,
           [](auto&, auto& scene, auto&) { scene.account = builders; }},
         B{Refusal::insufficient_credits, [](auto&, auto&, auto& a) { a.set_amount(60'000); }}});
}

TEST_CASE("return_credits: the credits are gone, issued and the promise are not",
          "[ledger][return_credits]") {
    auto story = holding();
    CHECK(story.does(food_bank, return_credits(12'345)) == "done");
    CHECK(story.balance(food_bank).available() == 7'655);
    CHECK(story.totals().returned() == 12'345);
    CHECK(story.totals().issued() == 50'000);
    CHECK(story.promise(laptop).awarded() == 10);
    CHECK(story.state().get(participant_key(bridge(), food_bank))->returned() == 12'345);
}

TEST_CASE("return_awarded: every refusal in its order", "[ledger][return_awarded]") {
    auto story = holding();
    using B = Breach<pb::ReturnAwarded>;
    check_refusals<pb::ReturnAwarded>(
        story.state(), Scene{builders, story.now(), {suffolk}}, return_awarded("award", 0, 6),
        {B{Refusal::unknown_award, [](auto&, auto&, auto& a) { a.set_award(bytes32("no")); }},
         B{Refusal::not_the_awards_supplier,
           [](auto&, auto& scene, auto&) { scene.account = cleaners; }},
         B{Refusal::award_not_issued,
           [](auto&, auto&, auto& a) { a.set_award(bytes32("standing")); }},
         B{Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         B{Refusal::unknown_line, [](auto&, auto&, auto& a) { a.set_line(1); }},
         B{Refusal::authority_has_not_signed,
           [](auto&, auto& scene, auto&) { scene.co_signers = {norfolk}; }},
         B{Refusal::insufficient_units, [](auto&, auto&, auto& a) { a.set_quantity(7); }}});
}

TEST_CASE("return_awarded: units are promised no more, and an empty line is not passed on",
          "[ledger][return_awarded]") {
    auto story = holding();
    CHECK(story.does(builders, return_awarded("award", 0, 2), {suffolk}) == "done");
    CHECK(story.balance(builders).available() == 20'000);
    CHECK(story.totals().returned() == 10'000);
    CHECK(story.promise(laptop).awarded() == 8);
    CHECK(story.awarded("award").pass_on_at() == passes_on_at);
    CHECK(story.does(builders, return_awarded("award", 0, 4), {suffolk}) == "done");
    CHECK(story.awarded("award").returned() == 6);
    CHECK(story.awarded("award").pass_on_at() == 0);
    CHECK(story.totals().issued() == 50'000);
}

TEST_CASE("returns: form and value", "[ledger][return_credits][return_awarded]") {
    auto story = holding();
    const Scene scene{builders};
    auto credits = return_credits(0);
    CHECK(told(check(credits, scene.check_context())) == malformed(Malformed::bad_amount));
    credits.clear_claim();
    CHECK(told(check(credits, scene.check_context())) == malformed(Malformed::bad_contract_id));
    CHECK(value_moved(return_credits(9), story.state(), scene.context()) == 9);
    auto awarded = return_awarded("award", 0, 0);
    CHECK(told(check(awarded, scene.check_context())) == malformed(Malformed::bad_quantity));
    awarded.set_award({});
    CHECK(told(check(awarded, scene.check_context())) == malformed(Malformed::bad_hash));
    CHECK(value_moved(return_awarded("award", 0, 3), story.state(), scene.context()) == 15'000);
}

}  // namespace
}  // namespace tallystick::ledger::test
