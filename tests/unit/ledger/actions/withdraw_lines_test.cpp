#include "ledger/actions/withdraw_lines.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

pb::Claim bidder() {
    return claim_on(bridge(), builders);
}

pb::WithdrawLines withdrawal() {
    pb::WithdrawLines action;
    *action.mutable_contract() = bridge();
    return action;
}

MemoryState world_with_seal() {
    auto state = standard_world();
    return state.edit(bid_key(bidder()), [](auto& bid) { bid.set_hash(bytes32("seal")); });
}

/// Three revealed lines, of which those in `awarded` are.
MemoryState world_with_lines(const std::vector<std::uint32_t>& awarded) {
    auto state = world_with_seal();
    state.edit(bid_key(bidder()), [](auto& bid) {
        bid.set_revealed_at(bids_close);
        bid.set_lines(3);
    });
    for (std::uint32_t number = 0; number < 3; ++number)
        state.edit(revealed_line_key(bidder(), number),
                   [](auto& line) { *line.mutable_line() = commitment(food_bank, laptop, 1); });
    for (const auto number : awarded)
        state.edit(revealed_line_key(bidder(), number),
                   [](auto& line) { line.set_award(bytes32("award")); });
    return state;
}

bool has_line(const MemoryState& state, std::uint32_t number) {
    return state.get(revealed_line_key(bidder(), number)) != nullptr;
}

}  // namespace

TEST_CASE("withdrawing names a contract", "[ledger][withdraw_lines]") {
    const Scene scene{builders};
    CHECK(told(check(withdrawal(), scene.check_context())) == "well-formed");
    CHECK(told(check(pb::WithdrawLines{}, scene.check_context())) ==
          malformed(Malformed::bad_contract_id));
}

TEST_CASE("withdrawing is refused for the first rule that is broken", "[ledger][withdraw_lines]") {
    check_refusals<pb::WithdrawLines>(
        world_with_lines({1, 2}), {builders, reveal_ends}, withdrawal(),
        {{Refusal::unknown_contract,
          [](auto&, auto&, auto& action) { *action.mutable_contract() = nowhere(); }},
         {Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         {Refusal::no_bid, [](auto&, auto& scene, auto&) { scene.account = cleaners; }},
         {Refusal::line_already_awarded, [](auto& state, auto&, auto&) {
              state.edit(revealed_line_key(bidder(), 0),
                         [](auto& line) { line.set_award(bytes32("award")); });
          }}});
}

TEST_CASE("a withdrawn seal is gone", "[ledger][withdraw_lines]") {
    auto state = world_with_seal();
    const Scene scene{builders};
    REQUIRE(told(run(state, scene, withdrawal())) == "done");
    CHECK_FALSE(state.get(bid_key(bidder())));
    CHECK(told(run(state, scene, withdrawal())) == refused(Refusal::no_bid));
    CHECK(value_moved(withdrawal(), state, scene.context()) == 0);
}

TEST_CASE("revealed lines go as long as nobody awarded them", "[ledger][withdraw_lines]") {
    auto state = world_with_lines({});
    REQUIRE(told(run(state, {builders, reveal_ends}, withdrawal())) == "done");
    for (std::uint32_t number = 0; number < 3; ++number) CHECK_FALSE(has_line(state, number));
    CHECK_FALSE(state.get(bid_key(bidder())));
}

TEST_CASE("an awarded line stays, and the bid with it, until its award is cancelled",
          "[ledger][withdraw_lines]") {
    auto state = world_with_lines({1});
    REQUIRE(told(run(state, {builders, reveal_ends}, withdrawal())) == "done");
    CHECK_FALSE(has_line(state, 0));
    CHECK(has_line(state, 1));
    CHECK_FALSE(has_line(state, 2));
    REQUIRE(state.get(bid_key(bidder())));
    CHECK(state.get(bid_key(bidder()))->lines() == 3);

    state.edit(revealed_line_key(bidder(), 1), [](auto& line) { line.clear_award(); });
    REQUIRE(told(run(state, {builders, reveal_ends}, withdrawal())) == "done");
    CHECK_FALSE(has_line(state, 1));
    CHECK_FALSE(state.get(bid_key(bidder())));
}

}  // namespace tallystick::ledger::test
