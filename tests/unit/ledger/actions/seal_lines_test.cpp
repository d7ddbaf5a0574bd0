#include "ledger/actions/seal_lines.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

pb::SealLines sealing() {
    pb::SealLines action;
    *action.mutable_contract() = bridge();
    action.set_hash(bytes32("seal"));
    return action;
}

}  // namespace

TEST_CASE("a seal is malformed for the first thing that is wrong", "[ledger][seal_lines]") {
    const Scene scene{builders};
    auto action = sealing();
    CHECK(told(check(action, scene.check_context())) == "well-formed");
    action.set_hash("x");
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_hash));
    action.clear_contract();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_contract_id));
}

TEST_CASE("sealing is refused for the first rule that is broken", "[ledger][seal_lines]") {
    check_refusals<pb::SealLines>(
        standard_world(), {builders, bids_close - 1}, sealing(),
        {{Refusal::not_a_supplier, [](auto&, auto& scene, auto&) { scene.account = choir; }},
         {Refusal::unknown_contract,
          [](auto&, auto&, auto& action) { *action.mutable_contract() = nowhere(); }},
         {Refusal::bids_closed, [](auto&, auto& scene, auto&) { scene.now = bids_close; }},
         {Refusal::on_the_other_side, [](auto& state, auto& scene, auto&) {
              state.with_side(bridge(), scene.account, pb::ROLE_PROJECT);
          }}});
}

TEST_CASE("a sealed bid can be sealed again until bids close", "[ledger][seal_lines]") {
    auto state = standard_world();
    auto action = sealing();
    REQUIRE(told(run(state, {builders}, action)) == "done");
    action.set_hash(bytes32("second"));
    const Scene scene{builders, bids_close - 1};
    REQUIRE(told(run(state, scene, action)) == "done");
    const auto bid = state.get(bid_key(claim_on(bridge(), builders)));
    REQUIRE(bid);
    CHECK(bid->hash() == bytes32("second"));
    CHECK(bid->sealed_at() == bids_close - 1);
    CHECK(bid->revealed_at() == 0);
    CHECK(state.get(participant_key(bridge(), builders))->role() == pb::ROLE_SUPPLIER);
    CHECK(value_moved(action, state, scene.context()) == 0);
}

}  // namespace tallystick::ledger::test
