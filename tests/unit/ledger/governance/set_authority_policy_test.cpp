#include "ledger/governance/set_authority_policy.hpp"

#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

TEST_CASE("an authority's new policy is malformed for the first thing that is wrong",
          "[ledger][set_authority_policy]") {
    auto change = new_signer(norfolk, "ada");
    CHECK(form_of(change) == "well-formed");
    *change.mutable_proofs(0) =
        proof_of("ada", suffolk);  // for the proposer, not for the authority
    CHECK(form_of(change) == malformed(Malformed::bad_key_proof));
    *change.add_proofs() = change.proofs(0);
    CHECK(form_of(change) == malformed(Malformed::bad_order));
    change.mutable_policy()->set_policy_threshold(2);
    CHECK(form_of(change) == malformed(Malformed::bad_policy));
    change.set_authority(builders);
    CHECK(form_of(change) == malformed(Malformed::bad_handle));
}

TEST_CASE("an authority's new policy is refused for the first rule that is broken",
          "[ledger][set_authority_policy]") {
    check_change_refusals<pb::SetAuthorityPolicy>(
        governed_world(), new_signer(norfolk, "ada"),
        {{Refusal::unknown_authority, [](auto&, auto& change) { change.set_authority(surrey); }},
         {Refusal::too_few_authorities,
          [](auto& state, auto& change) {
              leave_only(state, {change.authority(), kent});
          }},
         {Refusal::key_not_proved, [](auto&, auto& change) { change.clear_proofs(); }},
         {Refusal::key_taken, [](auto& state, auto& change) {
              give_key_to(state, change.policy().keys(0), food_bank);
          }}});
}

TEST_CASE("the node's own key does not become a signer's", "[ledger][set_authority_policy]") {
    auto state = governed_world();
    CHECK(told(take_effect(state, new_signer(norfolk, norfolk + " node"))) ==
          refused(Refusal::key_taken));
}

TEST_CASE("the others give an authority its signers back", "[ledger][set_authority_policy]") {
    auto state = governed_world();
    const auto lost = state.get(account_key(norfolk))->policy().keys(0);
    REQUIRE(told(take_effect(state, new_signer(norfolk, "ada"))) == "done");
    const auto account = state.get(account_key(norfolk));
    CHECK(account->policy().keys(0) == key_of("ada").public_key().str());
    CHECK(state.get(public_key_key(key_of("ada").public_key().text()))->account() == norfolk);
    CHECK_FALSE(state.get(public_key_key(lost)));
    CHECK(account->names_size() == 1);
}

}  // namespace tallystick::ledger::test
