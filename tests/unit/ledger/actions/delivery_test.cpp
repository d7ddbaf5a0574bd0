#include "unit/ledger/story.hpp"

// record_delivery, confirm_delivery, verify_delivery, dispute and resolve_dispute.
namespace tallystick::ledger::test {
namespace {

/// The builders accepted 6 and 4 laptops for the food bank ("ask"), and nothing else is asked.
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

Story delivered() {
    auto story = accepted();
    CHECK(story.does(builders, record("ask", 0, 6, "photo 0")) == "done");
    CHECK(story.does(builders, record("ask", 1, 4, "photo 1")) == "done");
    return story;
}

Story confirmed() {
    auto story = delivered();
    CHECK(story.does(food_bank, of_lines<pb::ConfirmDelivery>({{"ask", 0, 4}, {"ask", 1, 4}})) ==
          "done");
    return story;
}

TEST_CASE("record_delivery: every refusal in its order", "[ledger][record_delivery]") {
    auto story = accepted();
    CHECK(story.does(builders, record("ask", 1, 1, "used")) == "done");
    using B = Breach<pb::RecordDelivery>;
    const auto table = [&](pb::RedemptionStatus status, Refusal refusal) {
        check_refusals<pb::RecordDelivery>(
            story.state(), Scene{builders, story.now(), {}}, record("ask", 0, 6, "photo"),
            {B{Refusal::unknown_redemption,
               [](auto&, auto&, auto& a) { a.set_redemption(bytes32("no")); }},
             B{Refusal::not_the_redemptions_supplier,
               [](auto&, auto& scene, auto&) { scene.account = food_bank; }},
             B{refusal,
               [=](auto& state, auto&, auto&) {
                   state.edit(redemption_key(bytes32("ask")),
                              [&](auto& r) { r.set_status(status); });
               }},
             B{Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
             B{Refusal::unknown_redemption_line, [](auto&, auto&, auto& a) { a.set_line(2); }},
             B{Refusal::more_than_outstanding, [](auto&, auto&, auto& a) { a.set_quantity(7); }},
             B{Refusal::evidence_used,
               [](auto&, auto&, auto& a) { a.add_evidence(bytes32("used")); }}});
    };
    table(pb::REDEMPTION_STATUS_REQUESTED, Refusal::not_accepted);
    table(pb::REDEMPTION_STATUS_DECLINED, Refusal::not_accepted);
    table(pb::REDEMPTION_STATUS_CANCELLED, Refusal::redemption_ended);
    table(pb::REDEMPTION_STATUS_LAPSED, Refusal::redemption_ended);
    table(pb::REDEMPTION_STATUS_ENDED, Refusal::redemption_ended);
}

TEST_CASE("record_delivery: units wait for the group; a tag counts once on the whole ledger",
          "[ledger][record_delivery]") {
    auto story = accepted();
    CHECK(story.does(builders, record("ask", 0, 2, "photo")) == "done");
    CHECK(told(story.line("ask", 0).cells()) == "outstanding 4, delivered 2");
    CHECK(story.line("ask", 0).recorded() == 2);
    CHECK(story.line("ask", 0).delivered_since() == story.now());
    CHECK(story.balance(food_bank).reserved() == 50'000);
    CHECK(story.does(builders, record("ask", 1, 1, "photo")) == "refused: evidence_used");
    const auto use = story.state().get(evidence_key(bytes32("photo")));
    REQUIRE(use);
    CHECK(use->redemption() == bytes32("ask"));
    const auto first = story.now();
    story.wait_until(first + 100);
    CHECK(story.does(builders, record("ask", 0, 4, "photo 2")) == "done");
    CHECK(story.line("ask", 0).delivered_since() == first);
}

TEST_CASE("confirm_delivery: every refusal in its order", "[ledger][confirm_delivery]") {
    auto story = delivered();
    using B = Breach<pb::ConfirmDelivery>;
    check_refusals<pb::ConfirmDelivery>(
        story.state(), Scene{food_bank, story.now(), {}}, confirm("ask", 0, 6),
        {B{Refusal::unknown_redemption,
           [](auto&, auto&, auto& a) { a.mutable_lines(0)->set_redemption(bytes32("no")); }},
         B{Refusal::not_your_redemption,
           [](auto&, auto& scene, auto&) { scene.account = builders; }},
         B{Refusal::unknown_redemption_line,
           [](auto&, auto&, auto& a) { a.mutable_lines(0)->set_line(2); }},
         B{Refusal::more_than_delivered,
           [](auto&, auto&, auto& a) { a.mutable_lines(0)->set_quantity(7); }}});
}

TEST_CASE("confirm and verify: many lines whole or not at all", "[ledger][confirm_delivery]") {
    auto story = delivered();
    CHECK(story.does(food_bank, of_lines<pb::ConfirmDelivery>({{"ask", 0, 6}, {"ask", 1, 5}})) ==
          "refused: more_than_delivered");
    CHECK(told(story.line("ask", 0).cells()) == "delivered 6");
    CHECK(story.does(food_bank, of_lines<pb::ConfirmDelivery>({{"ask", 0, 6}, {"ask", 1, 3}})) ==
          "done");
    CHECK(story.balance(food_bank).confirmed() == 45'000);
    CHECK(story.balance(food_bank).reserved() == 5'000);
    CHECK(story.line("ask", 0).delivered_since() == 0);
    CHECK(story.line("ask", 0).confirmed_since() == story.now());
    CHECK(story.does(suffolk, of_lines<pb::VerifyDelivery>({{"ask", 0, 6}, {"ask", 1, 4}})) ==
          "refused: more_than_confirmed");
    CHECK(story.does(suffolk, of_lines<pb::VerifyDelivery>({{"ask", 0, 6}, {"ask", 1, 3}})) ==
          "done");
    CHECK(story.totals().retired() == 45'000);
    CHECK(story.redemption("ask").open_lines() == 1);
    CHECK(story.redemption("ask").status() == pb::REDEMPTION_STATUS_ACCEPTED);
}

TEST_CASE("verify_delivery: every refusal in its order", "[ledger][verify_delivery]") {
    auto story = confirmed();
    using B = Breach<pb::VerifyDelivery>;
    check_refusals<pb::VerifyDelivery>(
        story.state(), Scene{suffolk, story.now(), {}}, verify("ask", 0, 4),
        {B{Refusal::unknown_redemption,
           [](auto&, auto&, auto& a) { a.mutable_lines(0)->set_redemption(bytes32("no")); }},
         B{Refusal::not_the_contracts_authority,
           [](auto&, auto& scene, auto&) { scene.account = norfolk; }},
         B{Refusal::unknown_redemption_line,
           [](auto&, auto&, auto& a) { a.mutable_lines(0)->set_line(2); }},
         B{Refusal::more_than_confirmed,
           [](auto&, auto&, auto& a) { a.mutable_lines(0)->set_quantity(5); }}});
}

TEST_CASE("dispute: every refusal in its order, from either cell", "[ledger][dispute]") {
    auto story = confirmed();
    using B = Breach<pb::Dispute>;
    const auto table = [&](pb::Cell from, std::uint64_t units, Refusal refusal) {
        check_refusals<pb::Dispute>(
            story.state(), Scene{builders, story.now(), {}}, dispute("ask", 0, units, from),
            {B{Refusal::unknown_redemption,
               [](auto&, auto&, auto& a) { a.set_redemption(bytes32("no")); }},
             B{Refusal::not_a_party, [](auto&, auto& scene, auto&) { scene.account = norfolk; }},
             B{Refusal::unknown_redemption_line, [](auto&, auto&, auto& a) { a.set_line(2); }},
             B{Refusal::dispute_window_over,
               [](auto&, auto& scene, auto&) { scene.now = settling_ends; }},
             B{refusal, [=](auto&, auto&, auto& a) { a.set_quantity(units + 1); }}});
    };
    table(pb::CELL_DELIVERED, 2, Refusal::more_than_delivered);
    table(pb::CELL_CONFIRMED, 4, Refusal::more_than_confirmed);
}

TEST_CASE("dispute: any party, until the last second of settling", "[ledger][dispute]") {
    for (const auto& party : {food_bank, builders, suffolk}) {
        auto story = confirmed();
        story.wait_until(settling_ends - 1);
        CHECK(story.does(party, dispute("ask", 0, 1, pb::CELL_DELIVERED)) == "done");
        CHECK(story.does(party, dispute("ask", 0, 3, pb::CELL_CONFIRMED)) == "done");
        CHECK(story.balance(food_bank).disputed() == 20'000);
        CHECK(story.line("ask", 0).disputed_since() == settling_ends - 1);
    }
}

TEST_CASE("resolve_dispute: every refusal in its order", "[ledger][resolve_dispute]") {
    auto story = confirmed();
    CHECK(story.does(food_bank, dispute("ask", 0, 2, pb::CELL_DELIVERED)) == "done");
    CHECK(story.does(food_bank, dispute("ask", 0, 4, pb::CELL_CONFIRMED)) == "done");
    using B = Breach<pb::ResolveDispute>;
    check_refusals<pb::ResolveDispute>(
        story.state(), Scene{suffolk, story.now(), {food_bank}}, resolve("ask", 0, 1, 5),
        {B{Refusal::unknown_redemption,
           [](auto&, auto&, auto& a) { a.set_redemption(bytes32("no")); }},
         B{Refusal::not_the_contracts_authority,
           [](auto&, auto& scene, auto&) { scene.account = norfolk; }},
         B{Refusal::unknown_redemption_line, [](auto&, auto&, auto& a) { a.set_line(2); }},
         B{Refusal::nothing_disputed, [](auto&, auto&, auto& a) { a.set_line(1); }},
         B{Refusal::not_all_disputed, [](auto&, auto&, auto& a) { a.set_to_project(2); }},
         B{Refusal::project_has_not_signed,
           [](auto&, auto& scene, auto&) { scene.co_signers = {}; }}});
}

TEST_CASE("resolve_dispute: confirmed units are retired first, alone by the authority",
          "[ledger][resolve_dispute]") {
    auto story = confirmed();
    CHECK(story.does(food_bank, dispute("ask", 0, 2, pb::CELL_DELIVERED)) == "done");
    CHECK(story.does(food_bank, dispute("ask", 0, 4, pb::CELL_CONFIRMED)) == "done");
    CHECK(story.does(suffolk, resolve("ask", 0, 3, 3)) == "done");
    CHECK(told(story.line("ask", 0).cells()) == "retired 3, released 3");
    CHECK(story.balance(food_bank).available() == 15'000);
    CHECK(story.promise(laptop).accepted() == 7);
    CHECK(story.line("ask", 0).disputed_since() == 0);
}

TEST_CASE("deliveries: form and value", "[ledger][delivery]") {
    auto story = confirmed();
    const Scene scene{builders};
    const auto context = scene.check_context();
    auto recorded = record("ask", 0, 1, "photo");
    CHECK(told(check(recorded, context)) == "well-formed");
    recorded.add_evidence(bytes32("photo"));
    CHECK(told(check(recorded, context)) == malformed(Malformed::bad_order));
    recorded.set_evidence(1, "short");
    CHECK(told(check(recorded, context)) == malformed(Malformed::bad_hash));
    recorded.clear_evidence();
    CHECK(told(check(recorded, context)) == malformed(Malformed::bad_size));
    recorded.set_quantity(0);
    CHECK(told(check(recorded, context)) == malformed(Malformed::bad_quantity));

    using Lines = pb::ConfirmDelivery;
    CHECK(told(check(Lines{}, context)) == malformed(Malformed::bad_size));
    CHECK(told(check(of_lines<Lines>({{"ask", 0, 0}}), context)) ==
          malformed(Malformed::bad_quantity));
    CHECK(told(check(of_lines<Lines>({{"ask", 0, 1}, {"ask", 0, 1}}), context)) ==
          malformed(Malformed::bad_order));
    CHECK(told(check(of_lines<pb::VerifyDelivery>({{"b", 0, 1}, {"a", 1, 1}}), context)) ==
          malformed(Malformed::bad_order));

    CHECK(told(check(dispute("ask", 0, 1, pb::CELL_RETIRED), context)) ==
          malformed(Malformed::bad_enum));
    auto reasonless = dispute("ask", 0, 1, pb::CELL_DELIVERED);
    reasonless.clear_reason();
    CHECK(told(check(reasonless, context)) == malformed(Malformed::bad_reason));
    CHECK(told(check(resolve("ask", 0, 0, 0), context)) == malformed(Malformed::bad_quantity));
    CHECK(told(check(resolve("ask", 0, 1, std::uint64_t{1} << 53), context)) ==
          malformed(Malformed::bad_quantity));

    const auto& state = story.state();
    CHECK(value_moved(record("ask", 0, 2, "x"), state, scene.context()) == 10'000);
    CHECK(value_moved(confirm("ask", 0, 3), state, scene.context()) == 15'000);
    CHECK(value_moved(of_lines<pb::VerifyDelivery>({{"ask", 0, 3}, {"ask", 1, 1}}), state,
                      scene.context()) == 20'000);
    CHECK(value_moved(dispute("no", 0, 3, pb::CELL_DELIVERED), state, scene.context()) == 0);
    CHECK(value_moved(resolve("ask", 0, 1, 2), state, scene.context()) == 15'000);
}

}  // namespace
}  // namespace tallystick::ledger::test
