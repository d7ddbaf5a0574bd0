#include "ledger/actions/reveal_lines.hpp"

#include "protocol/envelope.hpp"
#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

const std::string salt = bytes32("salt");

pb::RevealLines revealing(const std::vector<pb::CommitmentLine>& lines) {
    pb::RevealLines action;
    *action.mutable_contract() = bridge();
    action.set_salt(salt);
    for (const auto& line : lines) *action.add_lines() = line;
    return action;
}

pb::RevealLines revealing() {
    return revealing({commitment(food_bank, laptop, 3, "jobs", "gipping"),
                      commitment(youth_club, bid_writer, 2)});
}

/// Seals exactly what the action reveals, for this bidder.
void seal(MemoryState& state, const pb::RevealLines& action, std::string_view bidder = builders) {
    pb::CommitmentLines lines;
    *lines.mutable_lines() = action.lines();
    const auto claim = claim_on(bridge(), bidder);
    pb::Bid bid;
    bid.set_hash(seal_hash(test_ledger(), claim, action.salt(), lines).str());
    bid.set_sealed_at(opened_at + day);
    state.put(bid_key(claim), std::move(bid));
}

MemoryState world_with_seal(const pb::RevealLines& action) {
    auto state = standard_world();
    seal(state, action);
    return state;
}

const Scene scene{builders, bids_close};

/// What revealing such a sealed line is answered.
std::string of_line(const pb::CommitmentLine& line) {
    const auto action = revealing({commitment(food_bank, laptop, 1), line});
    auto state = world_with_seal(action);
    return told(run(state, scene, action));
}

}  // namespace

TEST_CASE("revealing is malformed for the first thing that is wrong", "[ledger][reveal_lines]") {
    auto action = revealing();
    CHECK(told(check(action, scene.check_context())) == "well-formed");
    action.mutable_lines(1)->set_quantity(0);
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_quantity));
    action.clear_lines();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_size));
    action.clear_salt();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_hash));
    action.clear_contract();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_contract_id));
}

TEST_CASE("revealing is refused for the first rule that is broken", "[ledger][reveal_lines]") {
    check_refusals<pb::RevealLines>(
        world_with_seal(revealing()), scene, revealing(),
        {{Refusal::unknown_contract,
          [](auto&, auto&, auto& action) { *action.mutable_contract() = nowhere(); }},
         {Refusal::bids_not_closed, [](auto&, auto& at, auto&) { at.now = bids_close - 1; }},
         {Refusal::reveal_over, [](auto&, auto& at, auto&) { at.now = reveal_ends; }},
         {Refusal::no_bid,
          [](auto& state, auto&, auto&) { state.erase(bid_key(claim_on(bridge(), builders))); }},
         {Refusal::already_revealed,
          [](auto& state, auto&, auto&) {
              state.edit(bid_key(claim_on(bridge(), builders)),
                         [](auto& bid) { bid.set_revealed_at(bids_close); });
          }},
         {Refusal::seal_does_not_match,
          [](auto&, auto&, auto& action) { action.set_salt(bytes32("other")); }},
         {Refusal::not_accredited, [](auto& state, auto&, auto&) {
              state.erase(accreditation_key(bridge(), youth_club));
          }}});
}

TEST_CASE("each revealed line is one that could be awarded", "[ledger][reveal_lines]") {
    auto line = commitment(youth_club, laptop, 1);
    CHECK(of_line(line) == "done");
    line.set_quantity(Amount::hundredths_max);
    CHECK(of_line(line) == refused(Refusal::amount_too_large));
    line.set_due(deadline);
    CHECK(of_line(line) == refused(Refusal::date_out_of_range));
    line.set_resource("van");
    CHECK(of_line(line) == refused(Refusal::unknown_resource));
    line.set_ward("gipping");
    CHECK(of_line(line) == refused(Refusal::unknown_ward));
    line.set_outcome("jobs");
    CHECK(of_line(line) == refused(Refusal::unknown_outcome));
    line.set_project(choir);
    CHECK(of_line(line) == refused(Refusal::not_accredited));
}

TEST_CASE("lines that add up to more than any amount are refused", "[ledger][reveal_lines]") {
    CHECK(of_line(commitment(food_bank, laptop, Amount::hundredths_max / laptop_value)) ==
          refused(Refusal::amount_too_large));
}

TEST_CASE("a seal covers every byte of what it hides, and whose it is", "[ledger][reveal_lines]") {
    auto action = revealing();
    auto state = world_with_seal(action);
    SECTION("a line changed") {
        action.mutable_lines(0)->set_quantity(4);
    }
    SECTION("lines in another order") {
        action.mutable_lines()->SwapElements(0, 1);
    }
    SECTION("a line less") {
        action.mutable_lines()->RemoveLast();
    }
    SECTION("a seal copied from another bidder") {
        seal(state, action, cleaners);
    }
    if (action.lines_size() == 2 && action.lines(0).quantity() == 3 &&
        action.lines(0).project() == food_bank) {
        state.put(bid_key(claim_on(bridge(), builders)),
                  *state.get(bid_key(claim_on(bridge(), cleaners))));
    }
    CHECK(told(run(state, scene, action)) == refused(Refusal::seal_does_not_match));
}

TEST_CASE("revealed lines are numbered in their order", "[ledger][reveal_lines]") {
    auto state = world_with_seal(revealing());
    const Scene late{builders, reveal_ends - 1};
    REQUIRE(told(run(state, late, revealing())) == "done");
    const auto claim = claim_on(bridge(), builders);
    const auto bid = state.get(bid_key(claim));
    CHECK(bid->revealed_at() == reveal_ends - 1);
    CHECK(bid->sealed_at() == opened_at + day);
    CHECK(bid->lines() == 2);
    REQUIRE(state.get(revealed_line_key(claim, 0)));
    CHECK(state.get(revealed_line_key(claim, 0))->line().project() == food_bank);
    CHECK(state.get(revealed_line_key(claim, 1))->line().project() == youth_club);
    CHECK(state.get(revealed_line_key(claim, 1))->award().empty());
    CHECK_FALSE(state.get(revealed_line_key(claim, 2)));
    CHECK(value_moved(revealing(), state, late.context()) == 0);
}

}  // namespace tallystick::ledger::test
