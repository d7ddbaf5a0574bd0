#include "ledger/actions/award.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

pb::Claim bidder() {
    return claim_on(bridge(), builders);
}

/// A bid of three revealed lines: 15,000, 54,000 and 5,000 hundredths.
MemoryState world_with_bid() {
    auto state = standard_world();
    state.with_side(bridge(), builders, pb::ROLE_SUPPLIER);
    state.edit(bid_key(bidder()), [](auto& bid) {
        bid.set_revealed_at(bids_close);
        bid.set_lines(3);
    });
    const auto lines = {commitment(food_bank, laptop, 3), commitment(youth_club, bid_writer, 2),
                        commitment(youth_club, laptop, 1)};
    std::uint32_t number = 0;
    for (const auto& line : lines)
        state.edit(revealed_line_key(bidder(), number++),
                   [&](auto& revealed) { *revealed.mutable_line() = line; });
    return state;
}

pb::Award award() {
    pb::Award action;
    *action.mutable_contract() = bridge();
    action.set_supplier(builders);
    action.set_standstill_ends(reveal_ends + standstill_seconds);
    return action;
}

pb::Award award_of_revealed(const std::vector<std::uint32_t>& numbers = {0, 2}) {
    auto action = award();
    for (const auto number : numbers) action.add_revealed(number);
    return action;
}

pb::Award award_of_lines() {
    auto action = award();
    *action.add_lines() = commitment(food_bank, laptop, 3, "jobs", "gipping");
    *action.add_lines() = commitment(youth_club, bid_writer, 2);
    return action;
}

const Scene after_reveal{suffolk, reveal_ends};
const Scene with_supplier{suffolk, bids_close, {builders}};

/// The refusals that both kinds of award share, then those of one kind.
std::vector<Breach<pb::Award>> breaches(std::vector<Breach<pb::Award>> of_kind) {
    std::vector<Breach<pb::Award>> all{
        {Refusal::unknown_contract,
         [](auto&, auto&, auto& action) { *action.mutable_contract() = nowhere(); }},
        {Refusal::not_the_contracts_authority,
         [](auto&, auto& scene, auto&) { scene.account = norfolk; }},
        {Refusal::contract_not_open,
         [](auto& state, auto&, auto&) {
             state.edit(contract_key(bridge()), [](auto& contract) { contract.set_closed_at(1); });
         }},
        {Refusal::not_a_supplier,
         [](auto&, auto&, auto& action) { action.set_supplier("suffolk/nobody"); }},
        {Refusal::on_the_other_side,
         [](auto& state, auto&, auto& action) {
             state.with_side(bridge(), action.supplier(), pb::ROLE_PROJECT);
         }},
        {Refusal::standstill_too_short,
         [](auto&, auto& scene, auto& action) {
             action.set_standstill_ends(scene.now + standstill_seconds - 1);
         }},
        {Refusal::standstill_after_deadline,
         [](auto&, auto&, auto& action) { action.set_standstill_ends(deadline); }}};
    all.insert(all.end(), of_kind.begin(), of_kind.end());
    all.push_back({Refusal::allocation_exceeded, [](auto& state, auto&, auto&) {
                       state.edit(contract_totals_key(bridge()),
                                  [](auto& totals) { totals.set_issued(allocation); });
                   }});
    return all;
}

}  // namespace

TEST_CASE("an award is malformed for the first thing that is wrong", "[ledger][award]") {
    const auto form_of = [](const pb::Award& action) {
        return told(check(action, after_reveal.check_context()));
    };
    auto action = award_of_revealed();
    CHECK(form_of(action) == "well-formed");
    CHECK(form_of(award_of_lines()) == "well-formed");
    action.set_standstill_ends(0);
    CHECK(form_of(action) == malformed(Malformed::bad_time));
    action.add_revealed(2);
    CHECK(form_of(action) == malformed(Malformed::bad_order));
    *action.add_lines() = commitment(food_bank, laptop, 0);
    CHECK(form_of(action) == malformed(Malformed::bad_size));
    action.clear_revealed();
    CHECK(form_of(action) == malformed(Malformed::bad_quantity));
    action.clear_lines();
    CHECK(form_of(action) == malformed(Malformed::missing_field));
    action.set_supplier(norfolk);
    CHECK(form_of(action) == malformed(Malformed::bad_handle));
    action.clear_contract();
    CHECK(form_of(action) == malformed(Malformed::bad_contract_id));
}

TEST_CASE("an award of revealed lines is refused for the first rule that is broken",
          "[ledger][award]") {
    check_refusals<pb::Award>(
        world_with_bid(), after_reveal, award_of_revealed(),
        breaches(
            {{Refusal::reveal_not_over,
              [](auto&, auto& scene, auto&) { scene.now = reveal_ends - 1; }},
             {Refusal::no_bid, [](auto& state, auto&, auto&) { state.erase(bid_key(bidder())); }},
             {Refusal::unknown_line, [](auto&, auto&, auto& action) { action.set_revealed(0, 3); }},
             {Refusal::line_already_awarded,
              [](auto& state, auto&, auto&) {
                  state.edit(revealed_line_key(bidder(), 0),
                             [](auto& line) { line.set_award(bytes32("award")); });
              }},
             {Refusal::not_accredited,
              [](auto& state, auto&, auto&) {
                  state.erase(accreditation_key(bridge(), food_bank));
              }},
             {Refusal::amount_too_large, [](auto& state, auto&, auto&) {
                  state.edit(revealed_line_key(bidder(), 2), [](auto& line) {
                      line.mutable_line()->set_quantity(Amount::hundredths_max);
                  });
              }}}));
}

TEST_CASE("an award of co-signed lines is refused for the first rule that is broken",
          "[ledger][award]") {
    check_refusals<pb::Award>(
        standard_world(), with_supplier, award_of_lines(),
        breaches(
            {{Refusal::bids_not_closed,
              [](auto&, auto& scene, auto&) { scene.now = bids_close - 1; }},
             {Refusal::supplier_has_not_signed,
              [](auto&, auto& scene, auto&) { scene.co_signers = {cleaners}; }},
             {Refusal::not_accredited,
              [](auto&, auto&, auto& action) { action.mutable_lines(0)->set_project(choir); }},
             {Refusal::unknown_outcome,
              [](auto&, auto&, auto& action) { action.mutable_lines(0)->set_outcome("tourism"); }},
             {Refusal::unknown_ward,
              [](auto&, auto&, auto& action) { action.mutable_lines(0)->set_ward("whitton"); }},
             {Refusal::unknown_resource,
              [](auto&, auto&, auto& action) { action.mutable_lines(0)->set_resource("van"); }},
             {Refusal::date_out_of_range,
              [](auto&, auto&, auto& action) { action.mutable_lines(0)->set_due(bids_close - 1); }},
             {Refusal::amount_too_large, [](auto&, auto&, auto& action) {
                  action.mutable_lines(0)->set_quantity(Amount::hundredths_max);
              }}}));
}

TEST_CASE("a contract past its deadline awards nothing", "[ledger][award]") {
    auto state = world_with_bid();
    auto action = award_of_revealed();
    action.set_standstill_ends(deadline + standstill_seconds);
    CHECK(told(run(state, {suffolk, deadline}, action)) == refused(Refusal::contract_not_open));
}

TEST_CASE("only a supplier is awarded to", "[ledger][award]") {
    auto state = standard_world();
    auto action = award_of_lines();
    action.set_supplier(choir);
    CHECK(told(run(state, {suffolk, bids_close, {choir}}, action)) ==
          refused(Refusal::not_a_supplier));
}

TEST_CASE("a bid that was never revealed cannot be awarded", "[ledger][award]") {
    auto state = world_with_bid();
    state.edit(bid_key(bidder()), [](auto& bid) { bid.set_revealed_at(0); });
    CHECK(told(run(state, after_reveal, award_of_revealed())) == refused(Refusal::no_bid));
}

TEST_CASE("an award fits the allocation to the last hundredth", "[ledger][award]") {
    auto state = world_with_bid();
    state.edit(contract_totals_key(bridge()), [](auto& totals) {
        totals.set_awarded(10'000);
        totals.set_issued(allocation - 30'000 + 1);
    });
    CHECK(told(run(state, after_reveal, award_of_revealed())) ==
          refused(Refusal::allocation_exceeded));
    state.edit(contract_totals_key(bridge()),
               [](auto& totals) { totals.set_issued(allocation - 30'000); });
    CHECK(told(run(state, after_reveal, award_of_revealed())) == "done");
}

TEST_CASE("awarded lines that were revealed bear the award and count no second time",
          "[ledger][award]") {
    auto state = world_with_bid();
    REQUIRE(told(run(state, after_reveal, award_of_revealed())) == "done");
    const auto record = state.get(award_key(after_reveal.id));
    REQUIRE(record);
    CHECK(record->claim().supplier() == builders);
    CHECK(record->claim().contract().ocid() == bridge().ocid());
    CHECK(record->status() == pb::AWARD_STATUS_STANDSTILL);
    CHECK(record->value() == 20'000);
    CHECK(record->lines() == 2);
    CHECK(record->awarded_at() == reveal_ends);
    CHECK(record->standstill_ends() == reveal_ends + standstill_seconds);

    const auto second = state.get(awarded_line_key(after_reveal.id, 1));
    REQUIRE(second);
    CHECK(second->line().project() == youth_club);
    CHECK(second->unit_value() == laptop_value);
    CHECK(second->revealed_number() == 3);
    CHECK(second->pass_on_at() == 0);
    CHECK(state.get(awarded_line_key(after_reveal.id, 0))->revealed_number() == 1);
    CHECK_FALSE(state.get(awarded_line_key(after_reveal.id, 2)));

    CHECK(state.get(revealed_line_key(bidder(), 0))->award() == after_reveal.id);
    CHECK(state.get(revealed_line_key(bidder(), 1))->award().empty());
    CHECK(state.get(contract_totals_key(bridge()))->awarded() == 20'000);
    CHECK(state.get(claim_totals_key(bidder()))->awarded() == 20'000);
    CHECK(state.get(contract_totals_key(bridge()))->issued() == 0);

    const Scene again{suffolk, reveal_ends, {}, bytes32("second")};
    CHECK(told(run(state, again, award_of_revealed({2}))) ==
          refused(Refusal::line_already_awarded));
    CHECK(told(run(state, again, award_of_revealed({1}))) == "done");
    CHECK(state.get(contract_totals_key(bridge()))->awarded() == 74'000);
}

TEST_CASE("co-signed lines are awarded from the close of bids, without a bid", "[ledger][award]") {
    auto state = standard_world();
    auto action = award_of_lines();
    action.set_standstill_ends(bids_close + standstill_seconds);
    REQUIRE(told(run(state, with_supplier, action)) == "done");
    CHECK(state.get(award_key(with_supplier.id))->value() == 69'000);
    CHECK(state.get(awarded_line_key(with_supplier.id, 1))->revealed_number() == 0);
    CHECK(state.get(awarded_line_key(with_supplier.id, 1))->unit_value() == bid_writer_value);
    CHECK(state.get(participant_key(bridge(), builders))->role() == pb::ROLE_SUPPLIER);
}

TEST_CASE("an award moves the total value of its lines", "[ledger][award]") {
    const auto state = world_with_bid();
    const auto moved = [&](const pb::Award& action) {
        return value_moved(action, state, after_reveal.context());
    };
    CHECK(moved(award_of_revealed({0, 1, 2})) == 74'000);
    CHECK(moved(award_of_revealed({0, 9})) == 15'000);
    CHECK(moved(award_of_lines()) == 69'000);
    auto action = award_of_lines();
    action.mutable_lines(0)->set_resource("van");
    CHECK(moved(action) == 54'000);
    // Too much for an amount never looks like little.
    action.mutable_lines(1)->set_quantity(Amount::hundredths_max);
    CHECK(moved(action) == Amount::hundredths_max);
    *action.mutable_contract() = nowhere();
    CHECK(moved(action) == 0);
}

}  // namespace tallystick::ledger::test
