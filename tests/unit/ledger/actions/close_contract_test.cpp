#include "ledger/actions/close_contract.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

pb::CloseContract closing() {
    pb::CloseContract action;
    *action.mutable_contract() = bridge();
    return action;
}

void finish_credits(MemoryState& state) {
    state.edit(contract_totals_key(bridge()), [](auto& totals) {
        totals.set_issued(600);
        totals.set_retired(300);
        totals.set_expired(200);
        totals.set_returned(100);
    });
}

}  // namespace

TEST_CASE("closing names a contract", "[ledger][close_contract]") {
    const Scene scene{suffolk};
    CHECK(told(check(closing(), scene.check_context())) == "well-formed");
    CHECK(told(check(pb::CloseContract{}, scene.check_context())) ==
          malformed(Malformed::bad_contract_id));
}

TEST_CASE("closing is refused for the first rule that is broken", "[ledger][close_contract]") {
    auto world = standard_world();
    finish_credits(world);
    check_refusals<pb::CloseContract>(
        world, {suffolk, deadline}, closing(),
        {{Refusal::unknown_contract,
          [](auto&, auto&, auto& action) { *action.mutable_contract() = nowhere(); }},
         {Refusal::not_the_contracts_authority,
          [](auto&, auto& scene, auto&) { scene.account = norfolk; }},
         {Refusal::contract_closed,
          [](auto& state, auto&, auto&) {
              state.edit(contract_key(bridge()), [](auto& contract) { contract.set_closed_at(1); });
          }},
         {Refusal::contract_not_settling,
          [](auto&, auto& scene, auto&) { scene.now = deadline - 1; }},
         {Refusal::awards_in_standstill,
          [](auto& state, auto&, auto&) {
              state.edit(contract_totals_key(bridge()),
                         [](auto& totals) { totals.set_awarded(1); });
          }},
         {Refusal::credits_outstanding, [](auto& state, auto&, auto&) {
              state.edit(contract_totals_key(bridge()),
                         [](auto& totals) { totals.set_available(1); });
          }}});
}

TEST_CASE("a contract stays while any credit is in use", "[ledger][close_contract]") {
    auto state = standard_world();
    finish_credits(state);
    state.edit(contract_totals_key(bridge()), [](auto& totals) {
        SECTION("reserved") {
            totals.set_reserved(1);
        }
        SECTION("disputed") {
            totals.set_disputed(1);
        }
        SECTION("confirmed") {
            totals.set_confirmed(1);
        }
        SECTION("available") {
            totals.set_available(1);
        }
    });
    CHECK(told(run(state, {suffolk, settling_ends}, closing())) ==
          refused(Refusal::credits_outstanding));
}

TEST_CASE("a contract on which nothing is left is closed", "[ledger][close_contract]") {
    auto state = standard_world();
    finish_credits(state);
    const Scene scene{suffolk, deadline};
    REQUIRE(told(run(state, scene, closing())) == "done");
    CHECK(state.get(contract_key(bridge()))->closed_at() == deadline);
    CHECK(state.get(contract_key(bridge()))->allocation() == allocation);
    CHECK(value_moved(closing(), state, scene.context()) == 0);
}

}  // namespace tallystick::ledger::test
