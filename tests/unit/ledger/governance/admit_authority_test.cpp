#include "ledger/governance/admit_authority.hpp"

#include "ledger/validators.hpp"
#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

TEST_CASE("an admission is malformed for the first thing that is wrong", "[ledger][admit]") {
    auto change = admit(surrey);
    CHECK(form_of(change) == "well-formed");
    change.mutable_node_proof()->set_signature(std::string(64, 's'));
    CHECK(form_of(change) == malformed(Malformed::bad_key_proof));
    change.mutable_node()->set_power(0);
    CHECK(form_of(change) == malformed(Malformed::bad_node));
    change.mutable_proofs(0)->set_signature(std::string(64, 's'));
    CHECK(form_of(change) == malformed(Malformed::bad_key_proof));
    change.mutable_policy()->set_routine_threshold(2);
    CHECK(form_of(change) == malformed(Malformed::bad_policy));
    change.clear_names();
    CHECK(form_of(change) == malformed(Malformed::bad_size));
    change.mutable_identifiers(0)->set_id("with space");
    CHECK(form_of(change) == malformed(Malformed::bad_identifier));
    change.set_handle(builders);
    CHECK(form_of(change) == malformed(Malformed::bad_handle));
}

TEST_CASE("a new authority's keys prove themselves for its own handle", "[ledger][admit]") {
    auto change = admit(surrey);
    *change.mutable_proofs(0) = proof_of(surrey, suffolk);
    CHECK(form_of(change) == malformed(Malformed::bad_key_proof));
    change = admit(surrey);
    *change.mutable_node_proof() = proof_of(surrey + " node", suffolk);
    CHECK(form_of(change) == malformed(Malformed::bad_key_proof));
    change = admit(surrey);
    change.clear_proofs();
    CHECK(form_of(change) == malformed(Malformed::bad_key_proof));
    change = admit(surrey);
    *change.mutable_node_proof() = proof_of(surrey, surrey);  // another key's
    CHECK(form_of(change) == malformed(Malformed::bad_key_proof));
}

TEST_CASE("a node's key is none of its authority's signers, and can sign blocks",
          "[ledger][admit]") {
    auto change = admit(surrey);
    *change.mutable_node() = node_of(surrey);
    *change.mutable_node_proof() = proof_of(surrey, surrey);
    CHECK(form_of(change) == malformed(Malformed::bad_node));
    change = admit(surrey);
    change.mutable_node()->set_public_key(std::string{1} + std::string(31, '\0'));
    CHECK(form_of(change) == malformed(Malformed::bad_node));
    change = admit(surrey);
    change.mutable_node()->set_power(1'000'001);
    CHECK(form_of(change) == malformed(Malformed::bad_node));
}

TEST_CASE("an admission is refused for the first rule that is broken", "[ledger][admit]") {
    check_change_refusals<pb::AdmitAuthority>(
        governed_world(), admit(surrey),
        {{Refusal::account_exists,
          [](auto& state, auto&) { state.put(account_key(surrey), pb::Account{}); }},
         {Refusal::identifier_taken,
          [](auto& state, auto& change) {
              state.put(identifier_key(change.identifiers(0)), pb::Owner{});
          }},
         {Refusal::key_taken,
          [](auto& state, auto& change) { give_key_to(state, change.policy().keys(0), builders); }},
         {Refusal::too_many_authorities, [](auto& state, auto&) {
              std::vector<std::string> handles;
              for (int i = 100; i < 200; ++i) handles.push_back("council-" + std::to_string(i));
              leave_only(state, handles);
          }}});
}

TEST_CASE("a node's key that is somebody's, or was ever a node's, is taken", "[ledger][admit]") {
    auto state = governed_world();
    const auto change = admit(surrey);
    give_key_to(state, change.node().public_key(), food_bank);
    CHECK(told(take_effect(state, change)) == refused(Refusal::key_taken));

    state = governed_world();
    pb::Owner owner;
    owner.set_account(kent);
    state.put(node_address_key(address_text(change.node().public_key())), owner);
    CHECK(told(take_effect(state, change)) == refused(Refusal::key_taken));
}

TEST_CASE("the hundredth authority is admitted, the next one not", "[ledger][admit]") {
    auto state = standard_world();
    for (int i = 100; i < 197; ++i) state.with_authority("council-" + std::to_string(i));
    CHECK(told(take_effect(state, admit(essex))) == "done");
    CHECK(state.get(authorities_key())->handles_size() == 100);
    CHECK(told(take_effect(state, admit(kent))) == refused(Refusal::too_many_authorities));
}

TEST_CASE("an admitted authority has its account, its place, its keys and its node",
          "[ledger][admit]") {
    auto state = governed_world();
    REQUIRE(told(take_effect(state, admit(surrey))) == "done");
    CHECK(listed(state) == "essex kent norfolk suffolk surrey");
    const auto account = state.get(account_key(surrey));
    REQUIRE(account);
    REQUIRE(account->roles_size() == 1);
    CHECK(account->roles(0) == pb::ROLE_AUTHORITY);
    CHECK(account->registered_by().empty());
    CHECK(account->registered_at() == point.time);
    CHECK(account->names(0).text() == surrey);
    CHECK(account->policy().keys(0) == policy_of(surrey).keys(0));
    CHECK(state.get(identifier_key(account->identifiers(0)))->account() == surrey);
    CHECK(state.get(public_key_key(account->policy().keys(0)))->account() == surrey);
    const auto node_key = node_key_of(surrey);
    CHECK(state.get(authority_node_key(surrey))->public_key() == node_key);
    CHECK(state.get(public_key_key(node_key))->account() == surrey);
    CHECK(state.get(node_address_key(address_text(node_key)))->account() == surrey);
    CHECK(validators_of(state).validators_size() == 5);
}

}  // namespace tallystick::ledger::test
