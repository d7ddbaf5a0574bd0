#include "ledger/actions/register.hpp"

#include "protocol/envelope.hpp"
#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

const std::string library = "suffolk/library";

pb::KeyProof proof_by(std::string_view name, std::string_view account) {
    const auto key = key_of(name);
    const auto message = key_proof_message(test_ledger(), account, key.public_key().text());
    pb::KeyProof proof;
    proof.set_public_key(key.public_key().str());
    proof.set_signature(key.sign(bytes_of(message)).str());
    return proof;
}

pb::Register registration() {
    pb::Register action;
    action.set_handle(library);
    action.add_roles(pb::ROLE_SUPPLIER);
    action.add_roles(pb::ROLE_PROJECT);
    auto* identifier = action.add_identifiers();
    identifier->set_scheme("GB-CHC");
    identifier->set_id("1234567");
    auto* name = action.add_names();
    name->set_language("en");
    name->set_text("Library of things");
    *action.mutable_policy() = policy_of(library);
    *action.add_proofs() = proof_by(library, library);
    return action;
}

std::string form_of(const pb::Register& action) {
    return told(check(action, Scene{suffolk}.check_context()));
}

}  // namespace

TEST_CASE("registering is malformed for the first thing that is wrong", "[ledger][register]") {
    auto action = registration();
    CHECK(form_of(action) == "well-formed");

    action.mutable_proofs(0)->set_signature(std::string(64, 's'));
    CHECK(form_of(action) == malformed(Malformed::bad_key_proof));
    action.mutable_policy()->set_routine_threshold(2);
    CHECK(form_of(action) == malformed(Malformed::bad_policy));
    action.mutable_names(0)->clear_text();
    CHECK(form_of(action) == malformed(Malformed::bad_name));
    action.clear_identifiers();
    CHECK(form_of(action) == malformed(Malformed::bad_size));
    action.set_roles(1, pb::ROLE_SUPPLIER);
    CHECK(form_of(action) == malformed(Malformed::bad_order));
    action.set_roles(1, pb::ROLE_AUTHORITY);
    CHECK(form_of(action) == malformed(Malformed::bad_role));
    action.add_roles(pb::ROLE_PROJECT);
    CHECK(form_of(action) == malformed(Malformed::bad_size));
    action.set_handle(suffolk);
    CHECK(form_of(action) == malformed(Malformed::bad_handle));
}

TEST_CASE("every key of a registration proves itself, in the policy's order",
          "[ledger][register]") {
    auto action = registration();
    SECTION("a missing proof") {
        action.clear_proofs();
    }
    SECTION("one too many") {
        *action.add_proofs() = action.proofs(0);
    }
    SECTION("of another key") {
        *action.mutable_proofs(0) = proof_by("ada", library);
    }
    SECTION("for another account") {
        *action.mutable_proofs(0) = proof_by(library, food_bank);
    }
    CHECK(form_of(action) == malformed(Malformed::bad_key_proof));
}

TEST_CASE("a registration needs a role", "[ledger][register]") {
    auto action = registration();
    action.clear_roles();
    CHECK(form_of(action) == malformed(Malformed::bad_size));
    action.add_roles(pb::ROLE_UNSPECIFIED);
    CHECK(form_of(action) == malformed(Malformed::bad_role));
}

TEST_CASE("registering is refused for the first rule that is broken", "[ledger][register]") {
    check_refusals<pb::Register>(
        standard_world(), {suffolk}, registration(),
        {{Refusal::not_an_authority, [](auto&, auto& scene, auto&) { scene.account = food_bank; }},
         {Refusal::handle_not_yours,
          [](auto& state, auto&, auto& action) {
              action.set_handle("norfolk/library");
              state.with_account("norfolk/library", {pb::ROLE_PROJECT});
          }},
         {Refusal::account_exists,
          [](auto& state, auto&, auto&) { state.with_account(library, {pb::ROLE_PROJECT}); }},
         {Refusal::identifier_taken,
          [](auto& state, auto&, auto& action) {
              state.put(identifier_key(action.identifiers(0)), pb::Owner{});
          }},
         {Refusal::key_taken, [](auto& state, auto&, auto& action) {
              state.put(public_key_key(action.policy().keys(0)), pb::Owner{});
          }}});
}

TEST_CASE("an account that nobody knows registers nobody", "[ledger][register]") {
    auto state = standard_world();
    CHECK(told(run(state, {"essex"}, registration())) == refused(Refusal::not_an_authority));
}

TEST_CASE("a registered organisation owns its identifiers and keys", "[ledger][register]") {
    auto state = standard_world();
    const auto action = registration();
    const Scene scene{suffolk};
    REQUIRE(told(run(state, scene, action)) == "done");
    const auto account = state.get(account_key(library));
    REQUIRE(account);
    CHECK(account->roles_size() == 2);
    CHECK(account->registered_by() == suffolk);
    CHECK(account->registered_at() == scene.now);
    CHECK(account->names(0).text() == "Library of things");
    CHECK(account->policy().keys(0) == action.policy().keys(0));
    CHECK(state.get(identifier_key(action.identifiers(0)))->account() == library);
    CHECK(state.get(public_key_key(action.policy().keys(0)))->account() == library);
    CHECK(value_moved(action, state, scene.context()) == 0);
}

}  // namespace tallystick::ledger::test
