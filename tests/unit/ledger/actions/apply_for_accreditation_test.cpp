#include "ledger/actions/apply_for_accreditation.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

pb::ApplyForAccreditation application() {
    pb::ApplyForAccreditation action;
    *action.mutable_contract() = bridge();
    action.add_outcomes("skills");
    action.add_wards("gipping");
    action.add_wards("orwell");
    action.set_reference(bytes32("reference"));
    return action;
}

}  // namespace

TEST_CASE("applying is malformed for the first thing that is wrong", "[ledger][apply]") {
    const Scene scene{choir};
    auto action = application();
    CHECK(told(check(action, scene.check_context())) == "well-formed");
    action.set_reference("x");
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_hash));
    action.add_wards("orwell");
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_order));
    action.clear_outcomes();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_size));
    action.clear_contract();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_contract_id));
}

TEST_CASE("applying is refused for the first rule that is broken", "[ledger][apply]") {
    check_refusals<pb::ApplyForAccreditation>(
        standard_world(), {choir}, application(),
        {{Refusal::not_a_project, [](auto&, auto& scene, auto&) { scene.account = builders; }},
         {Refusal::unknown_contract,
          [](auto&, auto&, auto& action) { *action.mutable_contract() = nowhere(); }},
         {Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         {Refusal::on_the_other_side,
          [](auto& state, auto& scene, auto&) {
              state.with_side(bridge(), scene.account, pb::ROLE_SUPPLIER);
          }},
         {Refusal::unknown_outcome,
          [](auto&, auto&, auto& action) { action.add_outcomes("tourism"); }},
         {Refusal::unknown_ward, [](auto&, auto&, auto& action) { action.add_wards("whitton"); }},
         {Refusal::application_waiting, [](auto& state, auto& scene, auto&) {
              state.edit(accreditation_key(bridge(), scene.account),
                         [](auto& waiting) { waiting.mutable_application(); });
          }}});
}

TEST_CASE("an application waits, and fixes the side of the contract", "[ledger][apply]") {
    auto state = standard_world();
    const Scene scene{choir, deadline - 1};
    REQUIRE(told(run(state, scene, application())) == "done");
    const auto waiting = state.get(accreditation_key(bridge(), choir));
    REQUIRE(waiting);
    REQUIRE(waiting->has_application());
    CHECK_FALSE(waiting->has_grant());
    CHECK(waiting->application().outcomes_size() == 1);
    CHECK(waiting->application().wards_size() == 2);
    CHECK(waiting->application().reference() == bytes32("reference"));
    CHECK(waiting->application().applied_at() == deadline - 1);
    CHECK(state.get(participant_key(bridge(), choir))->role() == pb::ROLE_PROJECT);
    CHECK(value_moved(application(), state, scene.context()) == 0);
}

TEST_CASE("a project applies again while its grant is in force or after it was declined",
          "[ledger][apply]") {
    auto state = standard_world();
    state.edit(accreditation_key(bridge(), food_bank), [](auto& accreditation) {
        *accreditation.mutable_declined() = reason(pb::REASON_CODE_OUT_OF_SCOPE);
    });
    REQUIRE(told(run(state, {food_bank}, application())) == "done");
    const auto both = state.get(accreditation_key(bridge(), food_bank));
    CHECK(both->has_application());
    CHECK(both->has_grant());
    CHECK_FALSE(both->has_declined());
}

}  // namespace tallystick::ledger::test
