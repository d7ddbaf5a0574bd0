#include "ledger/actions/accredit.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

constexpr std::uint64_t now = opened_at + 2 * day;

pb::Accredit accreditation(std::string_view project = choir) {
    pb::Accredit action;
    *action.mutable_contract() = bridge();
    action.set_project(std::string{project});
    action.add_outcomes("jobs");
    action.add_wards("orwell");
    action.set_expires(deadline);
    *action.mutable_relevance() = reason(pb::REASON_CODE_RELEVANT_TO_PLACE);
    return action;
}

MemoryState world_with_application(std::string_view project = choir) {
    auto state = standard_world();
    return state.edit(accreditation_key(bridge(), project), [](auto& waiting) {
        waiting.mutable_application()->add_outcomes("skills");
        *waiting.mutable_declined() = reason(pb::REASON_CODE_OTHER);
    });
}

}  // namespace

TEST_CASE("accrediting is malformed for the first thing that is wrong", "[ledger][accredit]") {
    const Scene scene{suffolk};
    auto action = accreditation();
    CHECK(told(check(action, scene.check_context())) == "well-formed");
    action.mutable_relevance()->set_text_hash("x");
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_hash));
    action.set_expires(0);
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_time));
    action.add_wards("gipping");
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_order));
    action.clear_outcomes();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_size));
    action.set_project("");
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_handle));
    action.clear_contract();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_contract_id));
}

TEST_CASE("accrediting is refused for the first rule that is broken", "[ledger][accredit]") {
    check_refusals<pb::Accredit>(
        world_with_application(), {suffolk, now}, accreditation(),
        {{Refusal::unknown_contract,
          [](auto&, auto&, auto& action) { *action.mutable_contract() = nowhere(); }},
         {Refusal::not_the_contracts_authority,
          [](auto&, auto& scene, auto&) { scene.account = norfolk; }},
         {Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         {Refusal::no_application,
          [](auto&, auto&, auto& action) { action.set_project(youth_club); }},
         {Refusal::unknown_outcome,
          [](auto&, auto&, auto& action) { action.add_outcomes("tourism"); }},
         {Refusal::unknown_ward, [](auto&, auto&, auto& action) { action.add_wards("whitton"); }},
         {Refusal::expiry_out_of_range,
          [](auto&, auto&, auto& action) { action.set_expires(now); }}});
}

TEST_CASE("a grant ends after now and with the contract at the latest", "[ledger][accredit]") {
    auto state = world_with_application();
    auto action = accreditation();
    action.set_expires(deadline + 1);
    CHECK(told(run(state, {suffolk, now}, action)) == refused(Refusal::expiry_out_of_range));
    action.set_expires(now + 1);
    CHECK(told(run(state, {suffolk, now}, action)) == "done");
}

TEST_CASE("a grant decides the application and replaces an earlier grant", "[ledger][accredit]") {
    auto state = world_with_application(food_bank);
    const Scene scene{suffolk, now};
    REQUIRE(told(run(state, scene, accreditation(food_bank))) == "done");
    const auto granted = state.get(accreditation_key(bridge(), food_bank));
    CHECK_FALSE(granted->has_application());
    CHECK_FALSE(granted->has_declined());
    REQUIRE(granted->grant().outcomes_size() == 1);
    CHECK(granted->grant().outcomes(0) == "jobs");
    REQUIRE(granted->grant().wards_size() == 1);
    CHECK(granted->grant().wards(0) == "orwell");
    CHECK(granted->grant().expires() == deadline);
    CHECK(granted->grant().granted_at() == now);
    CHECK(granted->grant().relevance().code() == pb::REASON_CODE_RELEVANT_TO_PLACE);
    CHECK(value_moved(accreditation(), state, scene.context()) == 0);
}

}  // namespace tallystick::ledger::test
