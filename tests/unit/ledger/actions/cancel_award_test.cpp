#include "ledger/actions/cancel_award.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

const std::string award_id = bytes32("award");
constexpr std::uint64_t ends = reveal_ends + standstill_seconds;

pb::Claim bidder() {
    return claim_on(bridge(), builders);
}

/// An award of one co-signed and one revealed line, worth 20,000; another stands beside it.
MemoryState world_with_award() {
    auto state = standard_world();
    state.edit(award_key(award_id), [](auto& award) {
        *award.mutable_claim() = bidder();
        award.set_status(pb::AWARD_STATUS_STANDSTILL);
        award.set_value(20'000);
        award.set_lines(2);
        award.set_standstill_ends(ends);
    });
    state.edit(awarded_line_key(award_id, 0),
               [](auto& line) { *line.mutable_line() = commitment(food_bank, laptop, 3); });
    state.edit(awarded_line_key(award_id, 1), [](auto& line) {
        *line.mutable_line() = commitment(youth_club, laptop, 1);
        line.set_revealed_number(1);
    });
    state.edit(revealed_line_key(bidder(), 0), [](auto& line) {
        *line.mutable_line() = commitment(youth_club, laptop, 1);
        line.set_award(award_id);
    });
    state.edit(contract_totals_key(bridge()), [](auto& totals) { totals.set_awarded(90'000); });
    state.edit(claim_totals_key(bidder()), [](auto& totals) { totals.set_awarded(30'000); });
    return state;
}

pb::CancelAward cancelling() {
    pb::CancelAward action;
    action.set_award(award_id);
    *action.mutable_reason() = reason(pb::REASON_CODE_CHALLENGE_UPHELD);
    return action;
}

}  // namespace

TEST_CASE("cancelling is malformed for the first thing that is wrong", "[ledger][cancel_award]") {
    const Scene scene{suffolk};
    auto action = cancelling();
    CHECK(told(check(action, scene.check_context())) == "well-formed");
    action.clear_reason();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_reason));
    action.set_award("x");
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_hash));
}

TEST_CASE("cancelling is refused for the first rule that is broken", "[ledger][cancel_award]") {
    check_refusals<pb::CancelAward>(
        world_with_award(), {suffolk, ends - 1}, cancelling(),
        {{Refusal::unknown_award,
          [](auto&, auto&, auto& action) { action.set_award(bytes32("other")); }},
         {Refusal::not_the_contracts_authority,
          [](auto&, auto& scene, auto&) { scene.account = norfolk; }},
         {Refusal::award_not_in_standstill, [](auto&, auto& scene, auto&) { scene.now = ends; }}});
}

TEST_CASE("an award that was issued or cancelled is not cancelled", "[ledger][cancel_award]") {
    for (const auto status : {pb::AWARD_STATUS_ISSUED, pb::AWARD_STATUS_CANCELLED}) {
        auto state = world_with_award();
        state.edit(award_key(award_id), [&](auto& award) { award.set_status(status); });
        CHECK(told(run(state, {suffolk, ends - 1}, cancelling())) ==
              refused(Refusal::award_not_in_standstill));
    }
}

TEST_CASE("a cancelled award gives its allocation back and frees its revealed lines",
          "[ledger][cancel_award]") {
    auto state = world_with_award();
    const Scene scene{suffolk, ends - 1};
    REQUIRE(told(run(state, scene, cancelling())) == "done");
    const auto award = state.get(award_key(award_id));
    CHECK(award->status() == pb::AWARD_STATUS_CANCELLED);
    CHECK(award->cancelled().code() == pb::REASON_CODE_CHALLENGE_UPHELD);
    CHECK(state.get(contract_totals_key(bridge()))->awarded() == 70'000);
    CHECK(state.get(claim_totals_key(bidder()))->awarded() == 10'000);
    const auto line = state.get(revealed_line_key(bidder(), 0));
    CHECK(line->award().empty());
    CHECK(line->line().project() == youth_club);
    CHECK(value_moved(cancelling(), state, scene.context()) == 0);
}

}  // namespace tallystick::ledger::test
