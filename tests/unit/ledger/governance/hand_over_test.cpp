#include "ledger/governance/hand_over.hpp"

#include "ledger/validators.hpp"
#include "protocol/validator_set.hpp"
#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

TEST_CASE("a handover is malformed for the first thing that is wrong", "[ledger][hand_over]") {
    CHECK(form_of(handing_over(2)) == "well-formed");
    CHECK(form_of(handing_over(2, pb::ENGINE_SOLO)) == "well-formed");
    CHECK(form_of(handing_over(1)) == malformed(Malformed::bad_quantity));
    CHECK(form_of(handing_over(1, pb::ENGINE_UNSPECIFIED)) == malformed(Malformed::bad_enum));
}

TEST_CASE("a handover is refused for the first rule that is broken", "[ledger][hand_over]") {
    auto alone = standard_world();
    leave_only(alone, {suffolk});
    check_change_refusals<pb::HandOver>(
        alone, handing_over(2, pb::ENGINE_SOLO),
        {{Refusal::not_the_next_segment, [](auto&, auto& change) { change.set_segment(3); }},
         {Refusal::solo_needs_one_node, [](auto& state, auto&) {
              leave_only(state, {norfolk, suffolk});
          }}});
}

TEST_CASE("solo goes on with one node that has power, however many authorities",
          "[ledger][hand_over]") {
    auto state = governed_world();
    for (const auto& each : {essex, kent, norfolk}) take_power_of(state, each);
    CHECK(told(take_effect(state, handing_over(2, pb::ENGINE_SOLO))) == "done");
    take_power_of(state, suffolk);
    CHECK(told(take_effect(state, handing_over(3, pb::ENGINE_SOLO))) ==
          refused(Refusal::solo_needs_one_node));
}

TEST_CASE("a handover says who goes on, under which name, from where", "[ledger][hand_over]") {
    auto state = governed_world();
    state.edit(authority_node_key(kent), [](auto& node) { node.set_power(9); });
    take_power_of(state, essex);
    REQUIRE(told(take_effect(state, handing_over(2))) == "done");
    const auto handover = state.get(handover_key());
    REQUIRE(handover);
    CHECK(handover->segment() == 2);
    CHECK(handover->chain_id() == "east-anglia-2");
    CHECK(handover->initial_height() == point.height + 2);
    CHECK(handover->engine() == pb::ENGINE_COMETBFT);
    CHECK(handover->decided_at() == point.time);
    CHECK(handover->validators().SerializeAsString() == validators_of(state).SerializeAsString());
    CHECK(handover->validators().validators_size() == 3);
    CHECK(check_validators(handover->validators()));
}

TEST_CASE("segments follow one another, each once", "[ledger][hand_over]") {
    auto state = governed_world();
    REQUIRE(told(take_effect(state, handing_over(2))) == "done");
    CHECK(told(take_effect(state, handing_over(2))) == refused(Refusal::not_the_next_segment));
    Draft draft{state};
    REQUIRE_FALSE(judge_change(change_of(handing_over(3)), state));
    make_change(change_of(handing_over(3)), {point.time + day, 900, "east-anglia-2"}, draft);
    CHECK(draft.get(handover_key())->chain_id() == "east-anglia-3");
    CHECK(draft.get(handover_key())->initial_height() == 902);
}

TEST_CASE("a name that ends like a segment is kept", "[ledger][hand_over]") {
    auto state = governed_world();
    Draft draft{state};
    make_change(change_of(handing_over(2)), {point.time, 5, "area-51-1"}, draft);
    CHECK(draft.get(handover_key())->chain_id() == "area-51-2");
}

}  // namespace tallystick::ledger::test
