#include "ledger/state_machine.hpp"
#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

pb::GenesisAuthority authority(std::string_view handle) {
    pb::GenesisAuthority made;
    made.set_handle(std::string{handle});
    auto* identifier = made.add_identifiers();
    identifier->set_scheme("GB-LAE");
    identifier->set_id(std::string{handle});
    auto* name = made.add_names();
    name->set_language("en");
    name->set_text(std::string{handle});
    *made.mutable_policy() = policy_of(handle);
    made.mutable_node()->set_public_key(key_of(std::string{handle} + " node").public_key().str());
    made.mutable_node()->set_power(1);
    return made;
}

pb::Genesis genesis() {
    pb::Genesis made;
    made.set_name("east-anglia");
    made.set_time(opened_at);
    made.set_engine(pb::ENGINE_COMETBFT);
    *made.mutable_parameters() = default_parameters();
    *made.add_authorities() = authority(norfolk);
    *made.add_authorities() = authority(suffolk);
    return made;
}

}  // namespace

TEST_CASE("a genesis gives parameters, accounts, what they own, and nodes", "[ledger][genesis]") {
    const auto leaves = genesis_state(genesis());
    REQUIRE(leaves);
    CHECK(leaves->size() == 2 + 2 * 6);
    MemoryState state;
    state.apply(*leaves);
    CHECK(state.get(parameters_key())->reveal_seconds() == 3 * day);
    const auto account = state.get(account_key(suffolk));
    REQUIRE(account);
    REQUIRE(account->roles_size() == 1);
    CHECK(account->roles(0) == pb::ROLE_AUTHORITY);
    CHECK(account->registered_by().empty());
    CHECK(account->registered_at() == opened_at);
    CHECK(account->names_size() == 1);
    CHECK(state.get(identifier_key(account->identifiers(0)))->account() == suffolk);
    CHECK(state.get(public_key_key(account->policy().keys(0)))->account() == suffolk);
    CHECK(state.get(authority_node_key(norfolk))->power() == 1);

    const auto authorities = state.get(authorities_key());
    REQUIRE(authorities->handles_size() == 2);
    CHECK(authorities->handles(0) == norfolk);
    CHECK(authorities->handles(1) == suffolk);
    const auto node = PublicKey::from(state.get(authority_node_key(suffolk))->public_key());
    REQUIRE(node);
    CHECK(state.get(public_key_key(node->text()))->account() == suffolk);
    CHECK(state.get(node_address_key(address_of(*node).text()))->account() == suffolk);
}

TEST_CASE("the defaults are those that are documented", "[ledger][genesis]") {
    const auto parameters = default_parameters();
    CHECK(parameters.rule_set() == 1);
    CHECK(parameters.reveal_seconds() == 3 * day);
    CHECK(parameters.pass_on_seconds() == 30 * day);
    CHECK(parameters.answer_seconds() == 14 * day);
    CHECK(parameters.accepted_date_after_wanted_seconds_max() == 30 * day);
    CHECK(parameters.undelivered_seconds() == 60 * day);
    CHECK(parameters.settling_seconds() == 90 * day);
    CHECK(parameters.due_items_per_block_max() == 1'000);
    CHECK(parameters.refusals_per_account_per_block_max() == 64);
    CHECK(parameters.trusting_period_seconds() == 30 * day);
    CHECK(parameters.proposal_seconds() == 30 * day);
}

TEST_CASE("a genesis that breaks a rule gives nothing", "[ledger][genesis]") {
    auto made = genesis();
    auto* first = made.mutable_authorities(0);
    const auto& second = made.authorities(1);
    SECTION("a name too short") {
        made.set_name("ea");
    }
    SECTION("a name too long") {
        made.set_name(std::string(33, 'a'));
    }
    SECTION("a name with capitals") {
        made.set_name("East-Anglia");
    }
    SECTION("no time") {
        made.set_time(0);
    }
    SECTION("a time past the year 9999") {
        made.set_time(seconds_max + 1);
    }
    SECTION("no authority") {
        made.clear_authorities();
    }
    SECTION("several authorities under solo, said or not") {
        made.set_engine(GENERATE(pb::ENGINE_SOLO, pb::ENGINE_UNSPECIFIED));
    }
    SECTION("authorities out of order") {
        made.mutable_authorities()->SwapElements(0, 1);
    }
    SECTION("an authority twice") {
        *made.add_authorities() = second;
    }
    SECTION("a handle of two parts") {
        first->set_handle(builders);
    }
    SECTION("no identifier") {
        first->clear_identifiers();
    }
    SECTION("no name") {
        first->clear_names();
    }
    SECTION("a policy that nobody can satisfy") {
        first->mutable_policy()->set_routine_threshold(2);
    }
    SECTION("a shared identifier") {
        *first->mutable_identifiers(0) = second.identifiers(0);
    }
    SECTION("a shared key") {
        *first->mutable_policy() = second.policy();
    }
    SECTION("a shared node key") {
        *first->mutable_node() = second.node();
    }
    SECTION("a node's key that also signs for an organisation") {
        first->mutable_node()->set_public_key(second.policy().keys(0));
    }
    SECTION("a node key of small order") {
        first->mutable_node()->set_public_key(std::string{1} + std::string(31, '\0'));
    }
    SECTION("a node key that is none") {
        first->mutable_node()->set_public_key("key");
    }
    SECTION("a node without power") {
        first->mutable_node()->set_power(0);
    }
    SECTION("a node with too much power") {
        first->mutable_node()->set_power(1'000'001);
    }
    CHECK_FALSE(genesis_state(made));
}

TEST_CASE("no parameter is 0, and the rule set is one that this program knows",
          "[ledger][genesis]") {
    const auto* descriptor = pb::Parameters::descriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
        auto made = genesis();
        auto* parameters = made.mutable_parameters();
        CAPTURE(descriptor->field(i)->name());
        parameters->GetReflection()->ClearField(parameters, descriptor->field(i));
        CHECK_FALSE(genesis_state(made));
    }
    auto made = genesis();
    made.mutable_parameters()->set_rule_set(2);
    CHECK_FALSE(genesis_state(made));
    made = genesis();
    made.mutable_parameters()->set_settling_seconds(seconds_max + 1);
    CHECK_FALSE(genesis_state(made));
}

}  // namespace tallystick::ledger::test
