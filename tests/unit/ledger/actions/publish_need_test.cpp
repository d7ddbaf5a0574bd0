#include "ledger/actions/publish_need.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

constexpr std::uint64_t now = opened_at + 2 * day;

pb::PublishNeed need() {
    pb::PublishNeed action;
    *action.mutable_contract() = bridge();
    action.set_resource(laptop);
    action.set_quantity(4);
    action.set_by_when(now + 60 * day);
    action.set_ward("orwell");
    return action;
}

}  // namespace

TEST_CASE("a need is malformed for the first thing that is wrong", "[ledger][publish_need]") {
    const Scene scene{youth_club};
    auto action = need();
    CHECK(told(check(action, scene.check_context())) == "well-formed");
    action.set_ward("");
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_code));
    action.set_by_when(0);
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_time));
    action.set_quantity(0);
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_quantity));
    action.set_resource("two words");
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_code));
    action.clear_contract();
    CHECK(told(check(action, scene.check_context())) == malformed(Malformed::bad_contract_id));
}

TEST_CASE("a need is refused for the first rule that is broken", "[ledger][publish_need]") {
    check_refusals<pb::PublishNeed>(
        standard_world(), {youth_club, now}, need(),
        {{Refusal::unknown_contract,
          [](auto&, auto&, auto& action) { *action.mutable_contract() = nowhere(); }},
         {Refusal::contract_not_open, [](auto&, auto& scene, auto&) { scene.now = deadline; }},
         {Refusal::not_accredited, [](auto&, auto& scene, auto&) { scene.account = choir; }},
         {Refusal::unknown_resource,
          [](auto&, auto&, auto& action) { action.set_resource("van"); }},
         {Refusal::date_out_of_range, [](auto&, auto&, auto& action) { action.set_by_when(now); }},
         {Refusal::unknown_ward, [](auto&, auto&, auto& action) { action.set_ward("gipping"); }}});
}

TEST_CASE("a need is met before the deadline or not at all", "[ledger][publish_need]") {
    auto state = standard_world();
    auto action = need();
    action.set_by_when(deadline);
    CHECK(told(run(state, {youth_club, now}, action)) == refused(Refusal::date_out_of_range));
    action.set_by_when(deadline - 1);
    CHECK(told(run(state, {youth_club, now}, action)) == "done");
}

TEST_CASE("a need stands under the id of its envelope", "[ledger][publish_need]") {
    auto state = standard_world();
    const Scene scene{youth_club, now};
    REQUIRE(told(run(state, scene, need())) == "done");
    const auto published = state.get(need_key(scene.id));
    REQUIRE(published);
    CHECK(published->contract().ocid() == bridge().ocid());
    CHECK(published->project() == youth_club);
    CHECK(published->resource() == laptop);
    CHECK(published->quantity() == 4);
    CHECK(published->by_when() == now + 60 * day);
    CHECK(published->ward() == "orwell");
    CHECK(published->published_at() == now);
    CHECK(value_moved(need(), state, scene.context()) == 0);
}

}  // namespace tallystick::ledger::test
