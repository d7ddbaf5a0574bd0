#include "ledger/actions/award.hpp"
#include "ledger/actions/cancel_award.hpp"
#include "ledger/actions/reveal_lines.hpp"
#include "ledger/actions/seal_lines.hpp"
#include "unit/ledger/story.hpp"

// Stories of suppliers, groups and awards, told with numbers. Every step checks every law.
namespace tallystick::ledger::test {
namespace {

using Done = std::vector<std::string>;

TEST_CASE("two suppliers on one contract: each credit is a claim on its own", "[ledger][story]") {
    Story story;
    story.award(builders, "award 1", {commitment(food_bank, laptop, 10)});
    story.award(cleaners, "award 2", {commitment(food_bank, laptop, 4)});
    CHECK(story.wait_until(issued_at) == Done{"ISSUE: done", "ISSUE: done"});
    CHECK(story.does(builders, transfer_awarded("award 1", 0, 10, food_bank)) == "done");
    CHECK(story.does(cleaners, transfer_awarded("award 1", 0, 1, food_bank)) ==
          "refused: not_the_awards_supplier");
    CHECK(story.does(cleaners, transfer_awarded("award 2", 0, 4, food_bank)) == "done");
    CHECK(story.balance(food_bank, builders).available() == 50'000);
    CHECK(story.balance(food_bank, cleaners).available() == 20'000);
    CHECK(story.totals().issued() == 70'000);

    // 700.00 in all, but only 200.00 of it is a claim on the cleaners.
    const auto soon = story.now() + day;
    CHECK(story.does(food_bank, redeem({{laptop, 5}}, soon, cleaners), {}, "ask") ==
          "refused: insufficient_credits");
    CHECK(story.does(food_bank, redeem({{laptop, 4}}, soon, cleaners), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", soon)) == "refused: not_the_redemptions_supplier");
    CHECK(story.does(cleaners, accept("ask", soon)) == "done");
    CHECK(story.does(food_bank, transfer(20'000, youth_club, cleaners)) ==
          "refused: insufficient_credits");
    CHECK(story.does(food_bank, transfer(20'000, youth_club, builders)) == "done");
    CHECK(story.totals(builders).available() == 50'000);
    CHECK(story.totals(cleaners).reserved() == 20'000);
    CHECK(story.does(builders, transfer(1, youth_club)) == "refused: supplier_may_not_transfer");
}

TEST_CASE("a group's accreditation ends while it holds credits", "[ledger][story]") {
    Story story;
    const auto ends = issued_at + 40 * day;
    story.state().with_grant(bridge(), youth_club, {}, {}, ends);
    story.award(builders, "award",
                {commitment(youth_club, laptop, 10), commitment(youth_club, bid_writer, 2)});
    CHECK(story.wait_until(issued_at) == Done{"ISSUE: done"});
    CHECK(story.does(builders, transfer_awarded("award", 0, 10, youth_club)) == "done");
    const auto agreed = ends + 10 * day;
    CHECK(story.wait_until(ends - 1) == Done{"PASS_ON: done"});
    CHECK(story.balance(youth_club).available() == 50'000 + 54'000);
    CHECK(story.does(youth_club, redeem({{laptop, 2}}, agreed), {}, "ask") == "done");

    CHECK(story.wait_until(ends).empty());
    CHECK(story.does(youth_club, redeem({{laptop, 2}}, agreed), {}, "more") ==
          "refused: not_accredited");
    CHECK(story.does(food_bank, transfer(1, youth_club)) == "refused: not_on_the_contract");
    // What is under way goes on, and what it holds it can pass on or give back.
    CHECK(story.does(builders, accept("ask", agreed)) == "done");
    CHECK(story.does(builders, record("ask", 0, 2, "photo")) == "done");
    CHECK(story.does(youth_club, confirm("ask", 0, 2)) == "done");
    CHECK(story.does(suffolk, verify("ask", 0, 2)) == "done");
    CHECK(story.does(youth_club, transfer(40'000, food_bank)) == "done");
    CHECK(story.does(youth_club, return_credits(50'000)) == "done");
    CHECK(story.does(food_bank, transfer(1'000, youth_club), {suffolk}) == "done");
    CHECK(story.wait_until(deadline) == Done{"EXPIRE: done", "EXPIRE: done"});
    CHECK(story.totals().issued() == 104'000);
    CHECK(story.totals().retired() == 10'000);
    CHECK(story.totals().returned() == 50'000);
    CHECK(story.totals().expired() == 44'000);
}

TEST_CASE("a line whose project is no longer accredited stays with the supplier",
          "[ledger][story]") {
    Story story;
    story.state().with_grant(bridge(), youth_club, {}, {}, passes_on_at);
    story.award(builders, "award", {commitment(youth_club, laptop, 10)});
    CHECK(story.wait_until(passes_on_at) ==
          Done{"ISSUE: done", "PASS_ON: refused: not_accredited"});
    CHECK(story.balance(builders).available() == 50'000);
    // It is not tried again, even when the group is accredited anew.
    story.state().with_grant(bridge(), youth_club, {}, {}, deadline);
    CHECK(story.wait_until(deadline - 1).empty());
    CHECK(story.does(builders, transfer_awarded("award", 0, 4, youth_club)) == "done");
    CHECK(story.does(builders, return_awarded("award", 0, 1)) ==
          "refused: authority_has_not_signed");
    CHECK(story.does(builders, return_awarded("award", 0, 1), {suffolk}) == "done");
    CHECK(story.wait_until(deadline) == Done{"EXPIRE: done", "EXPIRE: done"});
    CHECK(story.totals().expired() == 45'000);
    CHECK(story.totals().returned() == 5'000);
}

pb::RevealLines reveal_of(std::uint64_t laptops) {
    pb::RevealLines reveal;
    *reveal.mutable_contract() = bridge();
    reveal.set_salt(bytes32("salt"));
    *reveal.add_lines() = commitment(food_bank, laptop, laptops);
    return reveal;
}

pb::SealLines seal_of(std::string_view supplier, const pb::RevealLines& reveal) {
    pb::CommitmentLines lines;
    *lines.mutable_lines() = reveal.lines();
    pb::SealLines seal;
    *seal.mutable_contract() = bridge();
    seal.set_hash(
        seal_hash(test_ledger(), claim_on(bridge(), supplier), reveal.salt(), lines).str());
    return seal;
}

pb::Award award_of(std::string_view supplier, std::uint64_t standstill_ends) {
    pb::Award award;
    *award.mutable_contract() = bridge();
    award.set_supplier(std::string{supplier});
    award.add_revealed(0);
    award.set_standstill_ends(standstill_ends);
    return award;
}

TEST_CASE("an award is cancelled in standstill and given to the next bidder", "[ledger][story]") {
    // Each bid alone takes the whole allocation of 100,000.00.
    Story story;
    story.wait_until(opened_at + 20 * day);
    for (const auto& bidder : {builders, cleaners})
        CHECK(story.does(bidder, seal_of(bidder, reveal_of(2'000))) == "done");
    CHECK(story.wait_until(bids_close).empty());
    for (const auto& bidder : {builders, cleaners})
        CHECK(story.does(bidder, reveal_of(2'000)) == "done");
    CHECK(story.wait_until(reveal_ends).empty());

    CHECK(story.does(suffolk, award_of(builders, issued_at), {}, "award 1") == "done");
    CHECK(story.totals().awarded() == allocation);
    CHECK(story.does(suffolk, award_of(cleaners, issued_at), {}, "award 2") ==
          "refused: allocation_exceeded");
    CHECK(story.wait_until(issued_at - 1).empty());
    pb::CancelAward cancelled;
    cancelled.set_award(bytes32("award 1"));
    *cancelled.mutable_reason() = reason(pb::REASON_CODE_CHALLENGE_UPHELD);
    CHECK(story.does(suffolk, cancelled) == "done");
    CHECK(story.totals().awarded() == 0);

    const auto second_ends = story.now() + standstill_seconds;
    CHECK(story.does(suffolk, award_of(cleaners, second_ends), {}, "award 2") == "done");
    CHECK(story.wait_until(issued_at).empty());
    CHECK(story.does(suffolk, cancelled) == "refused: award_not_in_standstill");
    CHECK(story.wait_until(second_ends) == Done{"ISSUE: done"});
    CHECK(story.totals(builders).issued() == 0);
    CHECK(story.totals(cleaners).issued() == allocation);
    CHECK(story.does(builders, transfer_awarded("award 1", 0, 1, food_bank)) ==
          "refused: award_not_issued");
    CHECK(story.does(cleaners, transfer_awarded("award 2", 0, 2'000, food_bank)) == "done");
    CHECK(story.balance(food_bank, cleaners).available() == allocation);
}

}  // namespace
}  // namespace tallystick::ledger::test
