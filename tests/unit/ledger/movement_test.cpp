#include "ledger/movement.hpp"

#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {
namespace {

const pb::Claim claim = claim_on(bridge(), builders);

Amount amount(std::uint64_t hundredths) {
    return *Amount::from(hundredths);
}

/// Moves on a draft of the story's state; what changed goes in if it was done.
Verdict move(MemoryState& state, Place from, Place to, std::uint64_t hundredths) {
    Draft draft{state};
    const auto verdict = move_credits(draft, claim, from, to, amount(hundredths));
    if (verdict)
        CHECK(draft.changes().empty());
    else
        state.apply(draft.changes());
    CHECK(draft.movements().size() == (verdict ? 0 : 1));
    return verdict;
}

Story issued() {
    Story story;
    story.award(builders, "award", {commitment(food_bank, laptop, 10)});
    story.wait_until(issued_at);
    return story;
}

TEST_CASE("a movement between pockets of one account moves both totals", "[ledger][movement]") {
    auto story = issued();
    CHECK(told(move(story.state(), {builders, pb::POCKET_AVAILABLE},
                    {food_bank, pb::POCKET_AVAILABLE}, 50'000)) == "done");
    CHECK_FALSE(story.state().get(balance_key(builders, claim)));
    CHECK(told(move(story.state(), {food_bank, pb::POCKET_AVAILABLE},
                    {food_bank, pb::POCKET_RESERVED}, 30'000)) == "done");
    CHECK(story.balance(food_bank).available() == 20'000);
    CHECK(story.balance(food_bank).reserved() == 30'000);
    for (const auto& totals : {story.totals(), story.totals(builders)}) {
        CHECK(totals.available() == 20'000);
        CHECK(totals.reserved() == 30'000);
        CHECK(totals.issued() == 50'000);
    }
}

TEST_CASE("a movement that is refused changes nothing", "[ledger][movement]") {
    auto story = issued();
    CHECK(told(move(story.state(), {builders, pb::POCKET_AVAILABLE},
                    {food_bank, pb::POCKET_AVAILABLE}, 50'001)) ==
          refused(Refusal::insufficient_credits));
    CHECK(told(move(story.state(), {builders, pb::POCKET_RESERVED},
                    {builders, pb::POCKET_AVAILABLE}, 1)) ==
          refused(Refusal::insufficient_credits));
    story.state().edit(balance_key(food_bank, claim),
                       [](auto& balance) { balance.set_available(Amount::hundredths_max); });
    CHECK(told(move(story.state(), {builders, pb::POCKET_AVAILABLE},
                    {food_bank, pb::POCKET_AVAILABLE}, 1)) == refused(Refusal::balance_overflow));
    story.state().edit(claim_totals_key(claim),
                       [](auto& totals) { totals.set_issued(Amount::hundredths_max); });
    CHECK(told(move(story.state(), {builders, pb::POCKET_ISSUE}, {builders, pb::POCKET_AVAILABLE},
                    1)) == refused(Refusal::balance_overflow));
}

TEST_CASE("the outcome says what moved, whose, and from where to where", "[ledger][movement]") {
    auto story = issued();
    Draft draft{story.state()};
    CHECK_FALSE(move_credits(draft, claim, {builders, pb::POCKET_AVAILABLE},
                             {food_bank, pb::POCKET_AVAILABLE}, amount(7)));
    REQUIRE(draft.movements().size() == 1);
    const auto& movement = draft.movements()[0];
    CHECK(movement.from_account() == builders);
    CHECK(movement.from() == pb::POCKET_AVAILABLE);
    CHECK(movement.to_account() == food_bank);
    CHECK(movement.to() == pb::POCKET_AVAILABLE);
    CHECK(movement.amount() == 7);
    CHECK(movement.claim().supplier() == builders);
}

TEST_CASE("credits that leave unspent are counted by whose they were", "[ledger][movement]") {
    auto story = issued();
    CHECK(told(move(story.state(), {builders, pb::POCKET_AVAILABLE},
                    {builders, pb::POCKET_RETURNED}, 10)) == "done");
    CHECK(told(move(story.state(), {builders, pb::POCKET_AVAILABLE}, {builders, pb::POCKET_EXPIRED},
                    20)) == "done");
    const auto participant = story.state().get(participant_key(bridge(), builders));
    CHECK(participant->returned() == 10);
    CHECK(participant->expired() == 20);
    CHECK(participant->role() == pb::ROLE_SUPPLIER);
    CHECK(story.totals().returned() == 10);
    CHECK(story.totals().expired() == 20);
}

}  // namespace
}  // namespace tallystick::ledger::test
