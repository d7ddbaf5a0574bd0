#include "ledger/governance/set_node.hpp"

#include "ledger/validators.hpp"
#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

TEST_CASE("a new node is malformed for the first thing that is wrong", "[ledger][set_node]") {
    auto change = new_node(norfolk, "new node", 1'000'000);
    CHECK(form_of(change) == "well-formed");
    *change.mutable_node_proof() = proof_of("new node", suffolk);
    CHECK(form_of(change) == malformed(Malformed::bad_key_proof));
    change.mutable_node()->set_power(1'000'001);
    CHECK(form_of(change) == malformed(Malformed::bad_node));
    change.set_authority(builders);
    CHECK(form_of(change) == malformed(Malformed::bad_handle));
}

TEST_CASE("a new node is refused for the first rule that is broken", "[ledger][set_node]") {
    check_change_refusals<pb::SetNode>(
        governed_world(), new_node(norfolk, "new node"),
        {{Refusal::unknown_authority, [](auto&, auto& change) { change.set_authority(surrey); }},
         {Refusal::too_few_authorities,
          [](auto& state, auto& change) {
              leave_only(state, {change.authority(), kent});
          }},
         {Refusal::key_taken, [](auto& state, auto& change) {
              give_key_to(state, change.node().public_key(), norfolk);
          }}});
    auto state = governed_world();
    CHECK(told(take_effect(state, new_node(norfolk, norfolk + " node"))) ==
          refused(Refusal::nothing_changes));
}

TEST_CASE("a key that was ever a node's, its own or another's, is taken", "[ledger][set_node]") {
    auto state = governed_world();
    REQUIRE(told(take_effect(state, new_node(norfolk, "new node"))) == "done");
    CHECK(told(take_effect(state, new_node(norfolk, norfolk + " node"))) ==
          refused(Refusal::key_taken));
    CHECK(told(take_effect(state, new_node(suffolk, norfolk + " node"))) ==
          refused(Refusal::key_taken));
    CHECK(told(take_effect(state, new_node(suffolk, kent + " node"))) ==
          refused(Refusal::key_taken));
}

TEST_CASE("another key takes the old one's place, whose address stays", "[ledger][set_node]") {
    auto state = governed_world();
    REQUIRE(report(state, report_on(node_key_of(norfolk))));
    REQUIRE(told(take_effect(state, new_node(norfolk, "new node", 3))) == "done");
    const auto key = key_of("new node").public_key().str();
    CHECK(state.get(authority_node_key(norfolk))->public_key() == key);
    CHECK(state.get(authority_node_key(norfolk))->power() == 3);
    CHECK(state.get(public_key_key(key))->account() == norfolk);
    CHECK(state.get(node_address_key(address_text(key)))->account() == norfolk);
    CHECK_FALSE(state.get(public_key_key(node_key_of(norfolk))));
    CHECK(state.get(node_address_key(address_text(node_key_of(norfolk))))->account() == norfolk);
    CHECK_FALSE(record_against_node(state, norfolk));
    CHECK(state.get(misbehaviour_key(norfolk, 7)));
    CHECK(validators_of(state).validators(0).public_key() == key);
}

TEST_CASE("a node that lost its power gets it back with the key that it has",
          "[ledger][set_node]") {
    auto state = governed_world();
    REQUIRE(report(state, report_on(node_key_of(norfolk))));
    REQUIRE(told(take_effect(state, taking_power(norfolk))) == "done");
    CHECK(validators_of(state).validators_size() == 3);
    REQUIRE(told(take_effect(state, new_node(norfolk, norfolk + " node", 2))) == "done");
    CHECK(state.get(authority_node_key(norfolk))->power() == 2);
    CHECK(state.get(public_key_key(node_key_of(norfolk)))->account() == norfolk);
    CHECK(validators_of(state).validators_size() == 4);
    CHECK(told(take_effect(state, taking_power(norfolk))) == refused(Refusal::no_misbehaviour));
}

}  // namespace tallystick::ledger::test
