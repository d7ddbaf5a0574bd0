#include "unit/ledger/governing.hpp"
#include "unit/ledger/laws/planted_block.hpp"

namespace tallystick::ledger::test {

namespace {

const std::string id = bytes32("proposal");
const auto proposal = proposal_key(id);

/// Four authorities and an open proposal of suffolk's, with two ballots.
MemoryState world_with_proposal() {
    auto state = governed_world();
    return state.edit(proposal, [](pb::Proposal& it) {
        it.set_proposer(suffolk);
        *it.mutable_change() = change_of(parameter(pb::PARAMETER_REVEAL_SECONDS, day));
        it.set_status(pb::PROPOSAL_STATUS_OPEN);
        it.set_proposed_at(opened_at);
        it.set_lapses_at(opened_at + 30 * day);
        for (const auto& each : {norfolk, suffolk}) {
            auto& ballot = *it.add_ballots();
            ballot.set_authority(each);
            ballot.set_choice(pb::CHOICE_YES);
        }
    });
}

void decide(pb::Proposal& it) {
    it.set_status(pb::PROPOSAL_STATUS_DECIDED);
    it.set_decided_at(opened_at + day);
}

void add_yes(pb::Proposal& it, const std::string& authority) {
    auto& ballot = *it.add_ballots();
    ballot.set_authority(authority);
    ballot.set_choice(pb::CHOICE_YES);
    std::sort(it.mutable_ballots()->begin(), it.mutable_ballots()->end(),
              [](const auto& a, const auto& b) { return a.authority() < b.authority(); });
}

/// In a block and in the whole state: the one law, or "none".
void check_broken(const Broken& found, const std::string& in_block, const std::string& in_full) {
    CHECK(found.in_block == in_block);
    CHECK(found.in_full == in_full);
}

constexpr auto whole = "authorities_are_whole";
constexpr auto counted = "proposals_are_counted";

}  // namespace

TEST_CASE("the laws of governing hold over a world that keeps them", "[ledger][laws]") {
    const auto world = world_with_proposal();
    check_broken(PlantedBlock{world}.broken(), "none", "none");
    PlantedBlock voted{world};
    voted.edit(proposal, [](auto& it) {
        add_yes(it, essex);
        decide(it);
    });
    check_broken(voted.broken(), "none", "none");
}

TEST_CASE("authorities_are_whole finds a list that does not fit the accounts and nodes",
          "[ledger][laws]") {
    const auto world = governed_world();
    const auto with = [&](auto change) {
        return PlantedBlock{world}.edit(authorities_key(), change).broken();
    };
    check_broken(with([](auto& it) { it.add_handles(surrey); }), whole, whole);
    check_broken(with([](auto& it) { it.mutable_handles()->RemoveLast(); }), whole, whole);
    check_broken(with([](auto& it) { it.mutable_handles()->SwapElements(0, 1); }), whole, whole);
    check_broken(with([](auto& it) { it.add_handles(suffolk); }), whole, whole);
}

TEST_CASE("authorities_are_whole finds a node that is missing, foreign, or its signer's",
          "[ledger][laws]") {
    const auto world = governed_world();
    PlantedBlock gone{world};
    gone.result().changes[authority_node_key(kent).bytes] = nullptr;
    check_broken(gone.broken(), whole, whole);

    const auto node = [&](const std::string& authority, auto change) {
        return PlantedBlock{world}.edit(authority_node_key(authority), change).broken();
    };
    check_broken(node(kent, [](auto& it) { it.set_public_key(node_key_of(essex)); }), whole, whole);
    check_broken(node(kent, [](auto& it) { it.set_public_key(policy_of(kent).keys(0)); }), whole,
                 whole);
    check_broken(node(kent, [](auto& it) { it.set_public_key("short"); }), whole, whole);
    check_broken(node(surrey, [](auto& it) { it = node_of("any"); }), whole, whole);
}

TEST_CASE("authorities_are_whole finds a chain that nobody signs", "[ledger][laws]") {
    auto world = governed_world();
    for (const auto& each : {essex, kent, norfolk}) take_power_of(world, each);
    check_broken(PlantedBlock{world}.broken(), "none", "none");
    PlantedBlock block{world};
    block.edit(authority_node_key(suffolk), [](auto& it) { it.set_power(0); });
    check_broken(block.broken(), whole, whole);
}

TEST_CASE("authorities_are_whole finds who is both here and gone, and a successor that is none",
          "[ledger][laws]") {
    const auto world = governed_world();
    const auto account = [&](const std::string& who, const std::string& successor) {
        return PlantedBlock{world}
            .edit(account_key(who), [&](auto& it) { it.set_successor(successor); })
            .broken();
    };
    check_broken(account(kent, essex), whole, whole);
    check_broken(account(builders, essex), whole, whole);

    auto left = governed_world();
    REQUIRE(told(take_effect(left, removal(kent, essex))) == "done");
    check_broken(PlantedBlock{left}.broken(), "none", "none");
    const auto passed_to = [&](const std::string& successor) {
        return PlantedBlock{left}
            .edit(account_key(kent), [&](auto& it) { it.set_successor(successor); })
            .broken();
    };
    check_broken(passed_to(norfolk), whole, "none");
    check_broken(passed_to(builders), whole, whole);
    check_broken(passed_to(""), whole, whole);
}

TEST_CASE("authorities_are_whole keeps addresses, records and the rules from going back",
          "[ledger][laws]") {
    auto world = governed_world();
    REQUIRE(report(world, report_on(node_key_of(kent))));
    world.edit(parameters_key(), [](auto& it) { it.set_rule_set(3); });

    PlantedBlock address{world};
    address.edit(node_address_key(address_text(node_key_of(kent))),
                 [](auto& it) { it.set_account(essex); });
    CHECK(address.broken().in_block == whole);

    PlantedBlock altered{world};
    altered.edit(misbehaviour_key(kent, 7),
                 [](auto& it) { it.mutable_misbehaviour()->set_power(5); });
    CHECK(altered.broken().in_block == whole);
    PlantedBlock erased{world};
    erased.result().changes[misbehaviour_key(kent, 7).bytes] = nullptr;
    CHECK(erased.broken().in_block == whole);
    PlantedBlock forgotten{world};
    forgotten.result().changes[misbehaviour_key(kent, 0).bytes] = nullptr;
    CHECK(forgotten.broken().in_block == "none");
    PlantedBlock of_another_block{world};
    of_another_block.edit(misbehaviour_key(kent, 8), [](auto& it) { it.set_recorded_at(5); });
    CHECK(of_another_block.broken().in_block == whole);

    PlantedBlock rules{world};
    rules.edit(parameters_key(), [](auto& it) { it.set_rule_set(2); });
    CHECK(rules.broken().in_block == whole);
}

TEST_CASE("authorities_are_whole finds a handover that does not follow", "[ledger][laws]") {
    const auto world = governed_world();
    pb::Handover right;
    right.set_segment(2);
    right.set_initial_height(3);  // planted blocks have height 1
    for (int i = 0; i < 4; ++i) right.mutable_validators()->add_validators();
    const auto with = [&](auto change) {
        return PlantedBlock{world}
            .edit(handover_key(),
                  [&](auto& it) {
                      it = right;
                      change(it);
                  })
            .broken()
            .in_block;
    };
    CHECK(with([](auto&) {}) == "none");
    CHECK(with([](auto& it) { it.set_segment(3); }) == whole);
    CHECK(with([](auto& it) { it.set_initial_height(4); }) == whole);
    CHECK(with([](auto& it) { it.mutable_validators()->add_validators(); }) == whole);
}

TEST_CASE("outcomes_are_true finds a last block that leaves something", "[ledger][laws]") {
    auto world = governed_world();
    world.edit(handover_key(), [](auto& it) { it.set_initial_height(2); });
    CHECK(PlantedBlock{world}.broken().in_block == "outcomes_are_true");
}

TEST_CASE("proposals_are_counted finds a decision without its majority", "[ledger][laws]") {
    const auto world = world_with_proposal();
    const auto with = [&](auto change) {
        return PlantedBlock{world}.edit(proposal, change).broken();
    };
    check_broken(with([](auto& it) { decide(it); }), counted, "none");  // two of four
    check_broken(with([](auto& it) {
                     add_yes(it, surrey);  // of no authority
                     decide(it);
                 }),
                 counted, "none");
    check_broken(with([](auto& it) {
                     it.clear_ballots();
                     decide(it);
                 }),
                 counted, counted);

    auto concerning = world;
    concerning.edit(proposal, [](auto& it) {
        *it.mutable_change() = change_of(new_node(norfolk, "new node"));
    });
    const auto of_the_others = [&](const std::vector<std::string>& more) {
        return PlantedBlock{concerning}
            .edit(proposal,
                  [&](auto& it) {
                      for (const auto& each : more) add_yes(it, each);
                      decide(it);
                  })
            .broken()
            .in_block;
    };
    // Norfolk's own yes does not count: two of three, then three of three.
    CHECK(of_the_others({essex}) == counted);
    CHECK(of_the_others({essex, kent}) == "none");
}

TEST_CASE("proposals_are_counted finds what was altered after it was proposed", "[ledger][laws]") {
    const auto world = world_with_proposal();
    const auto with = [&](auto change) {
        return PlantedBlock{world}.edit(proposal, change).broken().in_block;
    };
    CHECK(with([](auto& it) { it.mutable_change()->mutable_set_parameter()->set_value(2); }) ==
          counted);
    CHECK(with([](auto& it) { it.set_effective_at(9); }) == counted);
    CHECK(with([](auto& it) { it.set_lapses_at(9); }) == counted);
    CHECK(with([](auto& it) { it.set_proposer(kent); }) == counted);
    CHECK(with([](auto& it) { it.mutable_ballots(0)->set_choice(pb::CHOICE_NO); }) == counted);
    CHECK(with([](auto& it) { it.mutable_ballots()->RemoveLast(); }) == counted);
    CHECK(with([](auto& it) { *it.add_ballots() = it.ballots(1); }) == counted);
    PlantedBlock gone{world};
    gone.result().changes[proposal.bytes] = nullptr;
    CHECK(gone.broken().in_block == counted);
}

TEST_CASE("proposals_are_counted finds a proposal that ends twice, or for no reason",
          "[ledger][laws]") {
    auto ended = world_with_proposal();
    ended.edit(proposal, [](auto& it) {
        it.set_status(pb::PROPOSAL_STATUS_LAPSED);
        it.set_ended_at(9);
    });
    check_broken(PlantedBlock{ended}.broken(), "none", "none");
    PlantedBlock again{ended};
    again.edit(proposal, [](auto& it) {
        it.set_status(pb::PROPOSAL_STATUS_OPEN);
        it.set_ended_at(0);
    });
    check_broken(again.broken(), counted, "none");

    const auto world = world_with_proposal();
    const auto with = [&](auto change) {
        return PlantedBlock{world}.edit(proposal, change).broken();
    };
    check_broken(with([](auto& it) { it.set_status(pb::PROPOSAL_STATUS_LAPSED); }), counted,
                 counted);
    check_broken(with([](auto& it) { it.set_decided_at(9); }), counted, counted);
    check_broken(with([](auto& it) { it.set_refusal(5); }), counted, counted);
    check_broken(with([](auto& it) { it.set_status(pb::PROPOSAL_STATUS_UNSPECIFIED); }), counted,
                 counted);
    check_broken(with([](auto& it) { it.mutable_ballots(0)->set_choice(pb::CHOICE_UNSPECIFIED); }),
                 counted, counted);
    check_broken(with([](auto& it) {
                     it.set_status(pb::PROPOSAL_STATUS_IN_FORCE);
                     it.set_decided_at(8);
                     it.set_ended_at(9);
                 }),
                 counted, "none");
}

TEST_CASE("keys_serve_one counts a node's key as its authority's", "[ledger][laws]") {
    const auto world = governed_world();
    PlantedBlock passed{world};
    passed.edit(public_key_key(node_key_of(kent)), [](auto& it) { it.set_account(essex); });
    CHECK(passed.broken().in_block == "keys_serve_one");
    PlantedBlock planted{world};
    planted.edit(public_key_key(key_of("loose").public_key().text()),
                 [](auto& it) { it.set_account(essex); });
    CHECK(planted.broken().in_block == "keys_serve_one");
}

}  // namespace tallystick::ledger::test
