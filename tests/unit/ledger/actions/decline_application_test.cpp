#include "ledger/actions/decline_application.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

pb::DeclineApplication declining(std::string_view project = choir) {
    pb::DeclineApplication action;
    *action.mutable_contract() = bridge();
    action.set_project(std::string{project});
    *action.mutable_reason() = reason(pb::REASON_CODE_OUT_OF_SCOPE);
    return action;
}

MemoryState world_with_application(std::string_view project = choir) {
    auto state = standard_world();
    return state.edit(accreditation_key(bridge(), project),
                      [](auto& waiting) { waiting.mutable_application()->set_applied_at(1); });
}

}  // namespace

TEST_CASE("declining is malformed for the first thing that is wrong", "[ledger][decline]") {
    const Scene scene{suffolk};
    auto action = declining();
    CHECK(told(check(action, scene.check_context())) == "well-formed");
    action.clear_reason();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_reason));
    action.set_project(norfolk);
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_handle));
    action.clear_contract();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_contract_id));
}

TEST_CASE("declining is refused for the first rule that is broken", "[ledger][decline]") {
    check_refusals<pb::DeclineApplication>(
        world_with_application(), {suffolk}, declining(),
        {{Refusal::unknown_contract,
          [](auto&, auto&, auto& action) { *action.mutable_contract() = nowhere(); }},
         {Refusal::not_the_contracts_authority,
          [](auto&, auto& scene, auto&) { scene.account = norfolk; }},
         {Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         {Refusal::no_application,
          [](auto&, auto&, auto& action) { action.set_project(food_bank); }}});
}

TEST_CASE("a declined application leaves its reason, and any grant in force", "[ledger][decline]") {
    auto state = world_with_application(food_bank);
    const Scene scene{suffolk};
    REQUIRE(told(run(state, scene, declining(food_bank))) == "done");
    const auto declined = state.get(accreditation_key(bridge(), food_bank));
    CHECK_FALSE(declined->has_application());
    CHECK(declined->declined().code() == pb::REASON_CODE_OUT_OF_SCOPE);
    CHECK(declined->has_grant());
    CHECK(told(run(state, scene, declining(food_bank))) == refused(Refusal::no_application));
    CHECK(value_moved(declining(), state, scene.context()) == 0);
}

}  // namespace tallystick::ledger::test
