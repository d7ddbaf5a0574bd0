#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {
namespace {

/// The food bank holds 500.00 of the builders' credits.
Story holding() {
    Story story;
    story.award(builders, "award", {commitment(food_bank, laptop, 10)});
    story.wait_until(issued_at);
    CHECK(story.does(builders, transfer_awarded("award", 0, 10, food_bank)) == "done");
    return story;
}

TEST_CASE("transfer: every refusal in its order", "[ledger][transfer]") {
    auto story = holding();
    using B = Breach<pb::Transfer>;
    check_refusals<pb::Transfer>(
        story.state(), Scene{food_bank, story.now(), {}}, transfer(50'000, youth_club),
        {B{Refusal::unknown_contract,
           [](auto&, auto&, auto& a) { *a.mutable_claim()->mutable_contract() = nowhere(); }},
         B{Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         B{Refusal::supplier_may_not_transfer,
           [](auto&, auto& scene, auto&) { scene.account = builders; }},
         B{Refusal::unknown_recipient, [](auto&, auto&, auto& a) { a.set_to("suffolk/nobody"); }},
         B{Refusal::recipient_not_a_project, [](auto&, auto&, auto& a) { a.set_to(cleaners); }},
         B{Refusal::on_the_other_side,
           [](auto& state, auto&, auto& a) {
               state.with_side(bridge(), cooperative, pb::ROLE_SUPPLIER);
               a.set_to(cooperative);
           }},
         B{Refusal::not_on_the_contract, [](auto&, auto&, auto& a) { a.set_to(choir); }},
         B{Refusal::insufficient_credits, [](auto&, auto&, auto& a) { a.set_amount(50'001); }}});
}

TEST_CASE("transfer: never to an authority", "[ledger][transfer]") {
    auto story = holding();
    for (const auto& authority : {suffolk, norfolk})
        CHECK(story.does(food_bank, transfer(1, authority), {suffolk}) ==
              "refused: recipient_not_a_project");
}

TEST_CASE("transfer: a balance of another supplier or contract does not count",
          "[ledger][transfer]") {
    auto story = holding();
    CHECK(story.does(food_bank, transfer(1, youth_club, cleaners)) ==
          "refused: insufficient_credits");
    const auto other = contract_id("suffolk", "ocds-other");
    story.state().with_contract(other, standard_contract());
    auto action = transfer(1, choir);
    *action.mutable_claim()->mutable_contract() = other;
    CHECK(story.does(food_bank, action, {suffolk}) == "refused: insufficient_credits");
}

TEST_CASE("transfer: moves the amount, whole or in part, and deletes what becomes empty",
          "[ledger][transfer]") {
    auto story = holding();
    CHECK(story.does(food_bank, transfer(20'001, youth_club)) == "done");
    CHECK(story.balance(food_bank).available() == 29'999);
    CHECK(story.balance(youth_club).available() == 20'001);
    CHECK(story.does(food_bank, transfer(29'999, youth_club)) == "done");
    CHECK_FALSE(story.state().leaves().contains(
        balance_key(food_bank, claim_on(bridge(), builders)).bytes));
    CHECK(story.balance(youth_club).available() == 50'000);
    CHECK(story.totals().available() == 50'000);
}

TEST_CASE("transfer: with the authority to a group that is not accredited, which takes its side",
          "[ledger][transfer]") {
    auto story = holding();
    CHECK(story.does(food_bank, transfer(1'000, choir), {norfolk}) ==
          "refused: not_on_the_contract");
    CHECK(story.does(food_bank, transfer(1'000, choir), {suffolk}) == "done");
    CHECK(story.balance(choir).available() == 1'000);
    CHECK(story.state().get(participant_key(bridge(), choir))->role() == pb::ROLE_PROJECT);
}

TEST_CASE("transfer: the last second of an accreditation and of the contract",
          "[ledger][transfer]") {
    auto story = holding();
    const auto ends = story.now() + day;
    story.state().with_grant(bridge(), youth_club, {}, {}, ends);
    story.wait_until(ends - 1);
    CHECK(story.does(food_bank, transfer(1, youth_club)) == "done");
    story.wait_until(ends);
    CHECK(story.does(food_bank, transfer(1, youth_club)) == "refused: not_on_the_contract");
    story.state().with_grant(bridge(), youth_club, {}, {}, deadline + day);
    story.wait_until(deadline - 1);
    CHECK(story.does(food_bank, transfer(1, youth_club)) == "done");
    story.wait_until(deadline);
    CHECK(story.does(food_bank, transfer(1, youth_club)) == "refused: contract_not_open");
}

TEST_CASE("transfer: form", "[ledger][transfer]") {
    const Scene scene{food_bank};
    const auto form = [&](auto change) {
        auto action = transfer(1, youth_club);
        change(action);
        return told(check(action, scene.check_context()));
    };
    CHECK(form([](auto&) {}) == "well-formed");
    CHECK(form([](auto& a) { a.clear_claim(); }) == malformed(Malformed::bad_contract_id));
    CHECK(form([](auto& a) { a.mutable_claim()->set_supplier("suffolk"); }) ==
          malformed(Malformed::bad_claim));
    CHECK(form([](auto& a) { a.set_amount(0); }) == malformed(Malformed::bad_amount));
    CHECK(form([](auto& a) { a.set_amount(std::uint64_t{1} << 53); }) ==
          malformed(Malformed::bad_amount));
    CHECK(form([](auto& a) { a.set_to("Youth"); }) == malformed(Malformed::bad_handle));
    CHECK(form([](auto& a) { a.set_to(food_bank); }) == malformed(Malformed::to_oneself));
    CHECK(form([](auto& a) { a.set_reference("short"); }) == malformed(Malformed::bad_hash));
    CHECK(form([](auto& a) { a.set_reference(bytes32("text")); }) == "well-formed");
    CHECK(value_moved(transfer(7, youth_club), MemoryState{}, scene.context()) == 7);
}

}  // namespace
}  // namespace tallystick::ledger::test
