#include "ledger/actions/withdraw_need.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

const std::string need_id = bytes32("need");

pb::WithdrawNeed withdrawal() {
    pb::WithdrawNeed action;
    action.set_need(need_id);
    return action;
}

MemoryState world_with_need() {
    auto state = standard_world();
    return state.edit(need_key(need_id), [](auto& need) {
        *need.mutable_contract() = bridge();
        need.set_project(food_bank);
    });
}

}  // namespace

TEST_CASE("a need is named by 32 bytes", "[ledger][withdraw_need]") {
    const Scene scene{food_bank};
    CHECK(told(check(withdrawal(), scene.check_context())) == "well-formed");
    CHECK(told(check(pb::WithdrawNeed{}, scene.check_context())) == malformed(Malformed::bad_hash));
}

TEST_CASE("withdrawing a need is refused for the first rule that is broken",
          "[ledger][withdraw_need]") {
    check_refusals<pb::WithdrawNeed>(
        world_with_need(), {food_bank}, withdrawal(),
        {{Refusal::unknown_need,
          [](auto&, auto&, auto& action) { action.set_need(bytes32("other")); }},
         {Refusal::not_your_need, [](auto&, auto& scene, auto&) { scene.account = youth_club; }},
         {Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }}});
}

TEST_CASE("a withdrawn need is gone", "[ledger][withdraw_need]") {
    auto state = world_with_need();
    const Scene scene{food_bank};
    REQUIRE(told(run(state, scene, withdrawal())) == "done");
    CHECK_FALSE(state.get(need_key(need_id)));
    CHECK(told(run(state, scene, withdrawal())) == refused(Refusal::unknown_need));
    CHECK(value_moved(withdrawal(), state, scene.context()) == 0);
}

}  // namespace tallystick::ledger::test
