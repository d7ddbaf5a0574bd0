#include "unit/ledger/story.hpp"

// accept_redemption, decline_redemption and cancel_redemption: how a request is answered.
namespace tallystick::ledger::test {
namespace {

/// The food bank asked for 4 and 3 of 10 promised laptops, for in 10 days.
Story asked() {
    Story story;
    story.award(builders, "award", {commitment(food_bank, laptop, 10)});
    story.wait_until(issued_at);
    CHECK(story.does(builders, transfer_awarded("award", 0, 10, food_bank)) == "done");
    CHECK(story.does(food_bank, redeem({{laptop, 4}, {laptop, 3}}, story.now() + 10 * day), {},
                     "ask") == "done");
    return story;
}

void answer(MemoryState& state, pb::RedemptionStatus status) {
    state.edit(redemption_key(bytes32("ask")), [&](auto& r) { r.set_status(status); });
}

TEST_CASE("accept_redemption: every refusal in its order", "[ledger][accept_redemption]") {
    auto story = asked();
    using B = Breach<pb::AcceptRedemption>;
    const auto table = [&](pb::RedemptionStatus status, Refusal refusal) {
        check_refusals<pb::AcceptRedemption>(
            story.state(), Scene{builders, story.now(), {}}, accept("ask", story.now() + day),
            {B{Refusal::unknown_redemption,
               [](auto&, auto&, auto& a) { a.set_redemption(bytes32("no")); }},
             B{Refusal::not_the_redemptions_supplier,
               [](auto&, auto& scene, auto&) { scene.account = cleaners; }},
             B{refusal, [=](auto& state, auto&, auto&) { answer(state, status); }},
             B{Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
             B{Refusal::date_out_of_range, [](auto&, auto&, auto& a) { a.set_date(deadline); }}});
    };
    table(pb::REDEMPTION_STATUS_ACCEPTED, Refusal::already_answered);
    table(pb::REDEMPTION_STATUS_DECLINED, Refusal::already_answered);
    table(pb::REDEMPTION_STATUS_CANCELLED, Refusal::redemption_ended);
    table(pb::REDEMPTION_STATUS_LAPSED, Refusal::redemption_ended);
    table(pb::REDEMPTION_STATUS_ENDED, Refusal::redemption_ended);
}

TEST_CASE("accept_redemption: for a day from now to 30 days after it was wanted",
          "[ledger][accept_redemption]") {
    const auto accepted_for = [](std::int64_t from_now) {
        auto story = asked();
        const auto date =
            static_cast<std::uint64_t>(static_cast<std::int64_t>(story.now()) + from_now);
        return story.does(builders, accept("ask", date));
    };
    const auto latest = static_cast<std::int64_t>(40 * day);
    CHECK(accepted_for(-1) == "refused: date_out_of_range");
    CHECK(accepted_for(0) == "done");
    CHECK(accepted_for(latest) == "done");
    CHECK(accepted_for(latest + 1) == "refused: date_out_of_range");
}

TEST_CASE("accept_redemption: what is outstanding counts as accepted and lapses later",
          "[ledger][accept_redemption]") {
    auto story = asked();
    CHECK(story.does(food_bank, cancel("ask", {1})) == "done");
    const auto agreed = story.now() + 5 * day;
    CHECK(story.does(builders, accept("ask", agreed)) == "done");
    CHECK(story.redemption("ask").status() == pb::REDEMPTION_STATUS_ACCEPTED);
    CHECK(story.redemption("ask").agreed_date() == agreed);
    CHECK(story.line("ask", 0).lapse_at() == agreed + undelivered);
    CHECK(story.promise(laptop).accepted() == 4);
    CHECK(story.balance(food_bank).reserved() == 20'000);
}

TEST_CASE("decline_redemption: every refusal in its order", "[ledger][decline_redemption]") {
    auto story = asked();
    using B = Breach<pb::DeclineRedemption>;
    const auto table = [&](pb::RedemptionStatus status, Refusal refusal) {
        check_refusals<pb::DeclineRedemption>(
            story.state(), Scene{builders, story.now(), {}}, decline("ask"),
            {B{Refusal::unknown_redemption,
               [](auto&, auto&, auto& a) { a.set_redemption(bytes32("no")); }},
             B{Refusal::not_the_redemptions_supplier,
               [](auto&, auto& scene, auto&) { scene.account = cleaners; }},
             B{refusal, [=](auto& state, auto&, auto&) { answer(state, status); }},
             B{Refusal::contract_not_open,
               [](auto&, auto& scene, auto&) { scene.now = deadline; }}});
    };
    table(pb::REDEMPTION_STATUS_ACCEPTED, Refusal::already_answered);
    table(pb::REDEMPTION_STATUS_LAPSED, Refusal::redemption_ended);
}

TEST_CASE("decline_redemption: releases everything; what was promised is broken, once",
          "[ledger][decline_redemption]") {
    auto story = asked();
    const auto soon = story.now() + day;
    CHECK(story.does(builders, accept("ask", soon)) == "done");
    // 7 of 10 are accepted: of another 2 and 1, and then of none, only 3 can be broken.
    CHECK(story.does(food_bank, redeem({{laptop, 2}, {laptop, 1}}, soon), {}, "more") == "done");
    story.state().edit(promise_key(claim_on(bridge(), builders), laptop),
                       [](auto& promise) { promise.set_accepted(8); });
    story.state().edit(redemption_line_key(bytes32("ask"), 1), [](auto& line) {
        line.set_requested(4);
        line.mutable_cells()->set_outstanding(4);
        line.set_unit_value(3'750);
    });
    CHECK(story.does(builders, decline("more")) == "done");
    CHECK(story.line("more", 0).broken() == 2);
    CHECK(story.line("more", 1).broken() == 0);
    CHECK(story.promise(laptop).broken() == 2);
    CHECK(story.redemption("more").status() == pb::REDEMPTION_STATUS_DECLINED);
    CHECK(story.redemption("more").declined().code() == pb::REASON_CODE_NO_CAPACITY);
    CHECK(story.line("more", 0).declined() == 2);
    CHECK(story.balance(food_bank).available() == 15'000);
}

TEST_CASE("cancel_redemption: every refusal in its order", "[ledger][cancel_redemption]") {
    auto story = asked();
    CHECK(story.does(builders, accept("ask", story.now() + day)) == "done");
    using B = Breach<pb::CancelRedemption>;
    check_refusals<pb::CancelRedemption>(
        story.state(), Scene{builders, story.now(), {food_bank}}, cancel("ask", {0, 1}),
        {B{Refusal::unknown_redemption,
           [](auto&, auto&, auto& a) { a.set_redemption(bytes32("no")); }},
         B{Refusal::not_your_redemption,
           [](auto&, auto& scene, auto&) { scene.account = suffolk; }},
         B{Refusal::project_must_agree, [](auto&, auto& scene, auto&) { scene.co_signers = {}; }},
         B{Refusal::redemption_ended,
           [](auto& state, auto&, auto&) { answer(state, pb::REDEMPTION_STATUS_ENDED); }},
         B{Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         B{Refusal::unknown_redemption_line, [](auto&, auto&, auto& a) { a.set_lines(1, 2); }},
         B{Refusal::nothing_outstanding, [](auto& state, auto&, auto&) {
               state.edit(redemption_line_key(bytes32("ask"), 1),
                          [](auto& line) { line.mutable_cells()->clear_outstanding(); });
           }}});
}

TEST_CASE("cancel_redemption: the project alone before acceptance and after the agreed date",
          "[ledger][cancel_redemption]") {
    auto story = asked();
    CHECK(story.does(food_bank, cancel("ask", {0})) == "done");
    CHECK(story.line("ask", 0).cancelled() == 4);
    CHECK(story.redemption("ask").open_lines() == 1);
    const auto agreed = story.now() + day;
    CHECK(story.does(builders, accept("ask", agreed)) == "done");
    CHECK(story.does(food_bank, cancel("ask", {1})) == "refused: supplier_must_agree");
    CHECK(story.does(builders, cancel("ask", {1})) == "refused: project_must_agree");
    CHECK(story.does(food_bank, cancel("ask", {0, 1}), {builders}) ==
          "refused: nothing_outstanding");
    story.wait_until(agreed);
    CHECK(story.does(food_bank, cancel("ask", {1})) == "refused: supplier_must_agree");
    story.wait_until(agreed + 1);
    CHECK(story.does(food_bank, cancel("ask", {1})) == "done");
    CHECK(story.redemption("ask").status() == pb::REDEMPTION_STATUS_CANCELLED);
    CHECK(story.promise(laptop).accepted() == 0);
    CHECK(story.balance(food_bank).available() == 50'000);
    CHECK(story.does(food_bank, cancel("ask", {1})) == "refused: redemption_ended");
}

TEST_CASE("answers: form and value", "[ledger][redemption]") {
    auto story = asked();
    const Scene scene{builders};
    CHECK(told(check(accept("ask", 0), scene.check_context())) == malformed(Malformed::bad_time));
    auto declined = decline("ask");
    declined.clear_reason();
    CHECK(told(check(declined, scene.check_context())) == malformed(Malformed::bad_reason));
    declined.clear_redemption();
    CHECK(told(check(declined, scene.check_context())) == malformed(Malformed::bad_hash));
    CHECK(told(check(cancel("ask", {}), scene.check_context())) == malformed(Malformed::bad_size));
    CHECK(told(check(cancel("ask", {1, 1}), scene.check_context())) ==
          malformed(Malformed::bad_order));
    const auto context = scene.context();
    CHECK(value_moved(accept("ask", 1), story.state(), context) == 0);
    CHECK(value_moved(decline("ask"), story.state(), context) == 35'000);
    CHECK(value_moved(decline("no"), story.state(), context) == 0);
    CHECK(value_moved(cancel("ask", {1}), story.state(), context) == 15'000);
    CHECK(value_moved(cancel("ask", {1, 2}), story.state(), context) == 15'000);
}

}  // namespace
}  // namespace tallystick::ledger::test
