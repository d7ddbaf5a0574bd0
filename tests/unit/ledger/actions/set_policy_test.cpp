#include "ledger/actions/set_policy.hpp"

#include <algorithm>

#include "protocol/envelope.hpp"
#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

pb::KeyProof proof_by(std::string_view name) {
    const auto key = key_of(name);
    const auto message = key_proof_message(test_ledger(), food_bank, key.public_key().text());
    pb::KeyProof proof;
    proof.set_public_key(key.public_key().str());
    proof.set_signature(key.sign(bytes_of(message)).str());
    return proof;
}

/// The food bank's policy with these signers, each with a proof unless it is `without_proof`.
pb::SetPolicy policy_with(const std::vector<std::string>& names,
                          const std::string& without_proof = {}) {
    auto policy = policy_of(food_bank);
    policy.clear_keys();
    std::vector<std::pair<std::string, std::string>> signers;
    for (const auto& name : names) signers.emplace_back(key_of(name).public_key().str(), name);
    std::ranges::sort(signers);
    pb::SetPolicy action;
    for (const auto& [key, name] : signers) {
        policy.add_keys(key);
        if (name != without_proof) *action.add_proofs() = proof_by(name);
    }
    *action.mutable_policy() = policy;
    return action;
}

std::string form_of(const pb::SetPolicy& action) {
    return told(check(action, Scene{food_bank}.check_context()));
}

}  // namespace

TEST_CASE("a new policy is malformed for the first thing that is wrong", "[ledger][set_policy]") {
    CHECK(form_of(policy_with({"ada", food_bank}, food_bank)) == "well-formed");
    auto action = policy_with({"ada", "bob"});
    CHECK(form_of(action) == "well-formed");

    action.mutable_proofs(0)->set_signature(std::string(64, 's'));
    CHECK(form_of(action) == malformed(Malformed::bad_key_proof));
    action.mutable_proofs()->SwapElements(0, 1);
    CHECK(form_of(action) == malformed(Malformed::bad_order));
    action.mutable_policy()->set_policy_threshold(3);
    CHECK(form_of(action) == malformed(Malformed::bad_policy));
}

TEST_CASE("a proof of a key that the policy does not name is malformed", "[ledger][set_policy]") {
    auto action = policy_with({"ada"});
    action.clear_proofs();
    *action.add_proofs() = proof_by("bob");
    CHECK(form_of(action) == malformed(Malformed::bad_key_proof));
}

TEST_CASE("a proof for one account does not serve another", "[ledger][set_policy]") {
    CHECK(told(check(policy_with({"ada"}), Scene{youth_club}.check_context())) ==
          malformed(Malformed::bad_key_proof));
}

TEST_CASE("a new policy is refused for the first rule that is broken", "[ledger][set_policy]") {
    check_refusals<pb::SetPolicy>(
        standard_world(), {food_bank}, policy_with({"ada", food_bank}, food_bank),
        {{Refusal::key_not_proved, [](auto&, auto&, auto& action) { action.clear_proofs(); }},
         {Refusal::key_taken, [](auto& state, auto&, auto&) {
              pb::Owner owner;
              owner.set_account(youth_club);
              state.put(public_key_key(key_of("ada").public_key().text()), owner);
          }}});
}

TEST_CASE("keys that leave a policy belong to nobody, keys that stay or come to the account",
          "[ledger][set_policy]") {
    auto state = standard_world();
    const Scene scene{food_bank};
    REQUIRE(told(run(state, scene, policy_with({"ada", food_bank}, food_bank))) == "done");
    const auto old_key = public_key_key(key_of(food_bank).public_key().text());
    const auto new_key = public_key_key(key_of("ada").public_key().text());
    CHECK(state.get(old_key)->account() == food_bank);
    CHECK(state.get(new_key)->account() == food_bank);
    CHECK(state.get(account_key(food_bank))->policy().keys_size() == 2);

    const auto action = policy_with({"ada"});
    REQUIRE(told(run(state, scene, action)) == "done");
    CHECK_FALSE(state.get(old_key));
    CHECK(state.get(new_key)->account() == food_bank);
    CHECK(state.get(account_key(food_bank))->policy().keys_size() == 1);
    CHECK(state.get(account_key(food_bank))->names_size() == 1);
    CHECK(value_moved(action, state, scene.context()) == 0);
}

}  // namespace tallystick::ledger::test
