#include "protocol/envelope.hpp"
#include "unit/catch.hpp"
#include "unit/protocol/bodies.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

/// Three keys; routine 1, above 100.00 credits 2, changes 3.
pb::Policy policy_of_three() {
    pb::Policy policy;
    for (const char c : {'a', 'b', 'c'}) policy.add_keys(std::string(32, c));
    policy.set_routine_threshold(1);
    policy.set_amount_limit(10'000);
    policy.set_above_threshold(2);
    policy.set_policy_threshold(3);
    return policy;
}

std::vector<std::string> signers(std::string_view letters) {
    std::vector<std::string> keys;
    for (const char c : letters) keys.emplace_back(32, c);
    return keys;
}

}  // namespace

TEST_CASE("each class of action needs its number of the policy's own keys", "[policy]") {
    const auto policy = policy_of_three();
    CHECK(threshold_of(policy, PolicyClass::routine) == 1);
    CHECK(threshold_of(policy, PolicyClass::above_limit) == 2);
    CHECK(threshold_of(policy, PolicyClass::policy_change) == 3);

    CHECK_FALSE(is_satisfied(policy, PolicyClass::routine, {}));
    CHECK(is_satisfied(policy, PolicyClass::routine, signers("b")));
    CHECK_FALSE(is_satisfied(policy, PolicyClass::above_limit, signers("b")));
    CHECK(is_satisfied(policy, PolicyClass::above_limit, signers("ac")));
    CHECK_FALSE(is_satisfied(policy, PolicyClass::policy_change, signers("ac")));
    CHECK(is_satisfied(policy, PolicyClass::policy_change, signers("abc")));
}

TEST_CASE("keys of others do not count towards a policy", "[policy]") {
    const auto policy = policy_of_three();
    CHECK_FALSE(is_satisfied(policy, PolicyClass::routine, signers("xyz")));
    CHECK_FALSE(is_satisfied(policy, PolicyClass::above_limit, signers("Aaxz")));
    CHECK(is_satisfied(policy, PolicyClass::above_limit, signers("ABabxyz")));
}

TEST_CASE("a threshold of zero is never met", "[policy]") {
    CHECK_FALSE(is_satisfied(pb::Policy{}, PolicyClass::routine, signers("a")));
}

TEST_CASE("the class follows the value moved, and a change of policy comes first", "[policy]") {
    const auto policy = policy_of_three();
    CHECK(class_of(policy, 10'000, false) == PolicyClass::routine);
    CHECK(class_of(policy, 10'001, false) == PolicyClass::above_limit);
    CHECK(class_of(policy, 10'001, true) == PolicyClass::policy_change);
    CHECK(class_of(policy, 0, true) == PolicyClass::policy_change);
}

TEST_CASE("a policy is well-formed only if its keys can satisfy it", "[policy]") {
    auto policy = policy_of_three();
    REQUIRE(is_well_formed(policy));
    SECTION("no keys") {
        policy.clear_keys();
    }
    SECTION("a key of 31 bytes") {
        policy.mutable_keys(0)->pop_back();
    }
    SECTION("keys out of order") {
        policy.mutable_keys()->SwapElements(0, 1);
    }
    SECTION("a key twice") {
        policy.set_keys(1, policy.keys(0));
    }
    SECTION("nobody needs to sign") {
        policy.set_routine_threshold(0);
    }
    SECTION("routine above the amounts' threshold") {
        policy.set_routine_threshold(3);
    }
    SECTION("routine above the changes' threshold") {
        policy.set_routine_threshold(2);
        policy.set_policy_threshold(1);
    }
    SECTION("more signers than keys, above the limit") {
        policy.set_above_threshold(4);
    }
    SECTION("more signers than keys, for changes") {
        policy.set_policy_threshold(4);
    }
    SECTION("a limit above the largest amount") {
        policy.set_amount_limit(Amount::hundredths_max + 1);
    }
    SECTION("17 keys") {
        policy.clear_keys();
        for (char c = 'a'; c < 'a' + 17; ++c) policy.add_keys(std::string(32, c));
    }
    CHECK_FALSE(is_well_formed(policy));
}

TEST_CASE("16 keys and the largest limit are well-formed", "[policy]") {
    auto policy = policy_of_three();
    policy.clear_keys();
    for (char c = 'a'; c < 'a' + 16; ++c) policy.add_keys(std::string(32, c));
    policy.set_above_threshold(16);
    policy.set_policy_threshold(16);
    policy.set_amount_limit(Amount::hundredths_max);
    CHECK(is_well_formed(policy));
}

TEST_CASE("a key proves itself for one account of one ledger", "[policy]") {
    const auto key = key_of(7);
    LedgerId ledger{};
    pb::KeyProof proof;
    proof.set_public_key(key.public_key().str());
    const auto message = key_proof_message(ledger, "suffolk/food-bank", proof.public_key());
    CHECK(message == std::string("tallystick/key/1\0", 17) + ledger.str() + "suffolk/food-bank" +
                         proof.public_key());
    proof.set_signature(key.sign(bytes_of(message)).str());
    CHECK(verify_key_proof(proof, ledger, "suffolk/food-bank"));
    CHECK_FALSE(verify_key_proof(proof, ledger, "suffolk/food-bank-2"));

    auto other_key = proof;
    other_key.set_public_key(key_of(8).public_key().str());
    CHECK_FALSE(verify_key_proof(other_key, ledger, "suffolk/food-bank"));
    auto short_signature = proof;
    short_signature.mutable_signature()->pop_back();
    CHECK_FALSE(verify_key_proof(short_signature, ledger, "suffolk/food-bank"));
    auto long_key = proof;
    long_key.mutable_public_key()->push_back('\0');
    CHECK_FALSE(verify_key_proof(long_key, ledger, "suffolk/food-bank"));
    ledger.bytes[31] = 1;
    CHECK_FALSE(verify_key_proof(proof, ledger, "suffolk/food-bank"));
}
