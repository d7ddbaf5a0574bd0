#include "ledger/governance/remove_authority.hpp"

#include "ledger/authorities.hpp"
#include "ledger/validators.hpp"
#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

TEST_CASE("a removal is malformed for the first thing that is wrong", "[ledger][remove]") {
    CHECK(form_of(removal(norfolk, suffolk)) == "well-formed");
    CHECK(form_of(removal(norfolk, norfolk)) == malformed(Malformed::to_oneself));
    CHECK(form_of(removal(norfolk, builders)) == malformed(Malformed::bad_handle));
    CHECK(form_of(removal(builders, suffolk)) == malformed(Malformed::bad_handle));
}

TEST_CASE("a removal is refused for the first rule that is broken", "[ledger][remove]") {
    check_change_refusals<pb::RemoveAuthority>(
        governed_world(), removal(norfolk, suffolk),
        {{Refusal::unknown_authority, [](auto&, auto& change) { change.set_authority(surrey); }},
         {Refusal::too_few_authorities,
          [](auto& state, auto& change) {
              leave_only(state, {change.authority(), kent});
          }},
         {Refusal::unknown_successor, [](auto&, auto& change) { change.set_successor(builders); }},
         {Refusal::too_few_nodes_left, [](auto& state, auto&) {
              take_power_of(state, kent);
              take_power_of(state, essex);
          }}});
}

TEST_CASE("two nodes with power are enough, whoever goes", "[ledger][remove]") {
    auto state = governed_world();
    take_power_of(state, kent);
    CHECK(told(take_effect(state, removal(norfolk, suffolk))) == "done");
    CHECK(told(take_effect(state, removal(kent, suffolk))) == "done");
    CHECK(listed(state) == "essex suffolk");
}

TEST_CASE("who is removed keeps its account and its address, and nothing else",
          "[ledger][remove]") {
    auto state = governed_world();
    REQUIRE(report(state, report_on(node_key_of(norfolk))));
    const auto before = *state.get(account_key(norfolk));
    REQUIRE(told(take_effect(state, removal(norfolk, kent))) == "done");
    CHECK(listed(state) == "essex kent suffolk");
    CHECK_FALSE(is_authority(state, norfolk));
    CHECK_FALSE(state.get(authority_node_key(norfolk)));
    CHECK_FALSE(state.get(public_key_key(node_key_of(norfolk))));
    CHECK_FALSE(record_against_node(state, norfolk));
    CHECK(state.get(node_address_key(address_text(node_key_of(norfolk))))->account() == norfolk);
    CHECK(state.get(misbehaviour_key(norfolk, 7)));
    CHECK(validators_of(state).validators_size() == 3);

    auto account = *state.get(account_key(norfolk));
    CHECK(account.successor() == kent);
    account.clear_successor();
    CHECK(account.SerializeAsString() == before.SerializeAsString());
    CHECK(state.get(public_key_key(before.policy().keys(0)))->account() == norfolk);
}

TEST_CASE("a removed authority does not come back under its name", "[ledger][remove]") {
    auto state = governed_world();
    REQUIRE(told(take_effect(state, removal(norfolk, kent))) == "done");
    CHECK(told(take_effect(state, admit(norfolk))) == refused(Refusal::account_exists));
}

}  // namespace tallystick::ledger::test
