#include "ledger/governance/take_power.hpp"

#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

namespace {

MemoryState accused_world() {
    auto state = governed_world();
    REQUIRE(report(state, report_on(node_key_of(norfolk))));
    return state;
}

}  // namespace

TEST_CASE("taking power is malformed unless it names an authority", "[ledger][take_power]") {
    CHECK(form_of(taking_power(norfolk)) == "well-formed");
    CHECK(form_of(taking_power(builders)) == malformed(Malformed::bad_handle));
}

TEST_CASE("taking power is refused for the first rule that is broken", "[ledger][take_power]") {
    check_change_refusals<pb::TakePower>(
        accused_world(), taking_power(norfolk),
        {{Refusal::unknown_authority, [](auto&, auto& change) { change.set_authority(surrey); }},
         {Refusal::too_few_authorities,
          [](auto& state, auto& change) {
              leave_only(state, {change.authority(), kent});
          }},
         {Refusal::nothing_changes,
          [](auto& state, auto& change) {
              if (state.get(authority_node_key(change.authority())))
                  take_power_of(state, change.authority());
          }},
         {Refusal::no_misbehaviour,
          [](auto& state, auto& change) { state.erase(misbehaviour_key(change.authority(), 0)); }},
         {Refusal::too_few_nodes_left, [](auto& state, auto&) {
              take_power_of(state, kent);
              take_power_of(state, essex);
          }}});
}

TEST_CASE("a node without power keeps its key, and what stands against it",
          "[ledger][take_power]") {
    auto state = accused_world();
    REQUIRE(told(take_effect(state, taking_power(norfolk))) == "done");
    const auto node = state.get(authority_node_key(norfolk));
    CHECK(node->power() == 0);
    CHECK(node->public_key() == node_key_of(norfolk));
    CHECK(state.get(public_key_key(node_key_of(norfolk)))->account() == norfolk);
    CHECK(record_against_node(state, norfolk));
    CHECK(listed(state) == "essex kent norfolk suffolk");
}

}  // namespace tallystick::ledger::test
