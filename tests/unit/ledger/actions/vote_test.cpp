#include "ledger/actions/vote.hpp"

#include "ledger/governance/proposals.hpp"
#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

namespace {

const std::string id = "proposal";

/// Suffolk has proposed something.
MemoryState voting_world(const pb::Propose& action = propose(parameter(pb::PARAMETER_REVEAL_SECONDS,
                                                                       day))) {
    auto state = governed_world();
    Scene scene{suffolk};
    scene.id = bytes32(id);
    REQUIRE(told(run(state, scene, action)) == "done");
    return state;
}

std::string votes(MemoryState& state, const std::string& who, pb::Choice choice,
                  std::uint64_t now = opened_at + 3 * day) {
    return told(run(state, Scene{who, now}, vote(id, choice)));
}

pb::Proposal proposal_in(const MemoryState& state) {
    return *state.get(proposal_key(bytes32(id)));
}

}  // namespace

TEST_CASE("a vote is malformed for the first thing that is wrong", "[ledger][vote]") {
    const auto form_of_vote = [](const pb::Vote& action) {
        return told(check(action, Scene{suffolk}.check_context()));
    };
    auto action = vote(id, pb::CHOICE_NO);
    CHECK(form_of_vote(action) == "well-formed");
    action.set_choice(pb::CHOICE_UNSPECIFIED);
    CHECK(form_of_vote(action) == malformed(Malformed::bad_enum));
    action.set_proposal("short");
    CHECK(form_of_vote(action) == malformed(Malformed::bad_hash));
}

TEST_CASE("a vote is refused for the first rule that is broken", "[ledger][vote]") {
    check_refusals<pb::Vote>(
        voting_world(), {norfolk}, vote(id),
        {{Refusal::not_an_authority, [](auto&, auto& scene, auto&) { scene.account = builders; }},
         {Refusal::unknown_proposal,
          [](auto&, auto&, auto& action) { action.set_proposal(bytes32("another")); }},
         {Refusal::proposal_not_open,
          [](auto& state, auto&, auto&) {
              state.edit(proposal_key(bytes32(id)),
                         [](auto& it) { it.set_status(pb::PROPOSAL_STATUS_DECIDED); });
          }},
         {Refusal::proposer_left,
          [](auto& state, auto&, auto&) {
              state.edit(proposal_key(bytes32(id)), [](auto& it) { it.set_proposer(surrey); });
          }},
         {Refusal::concerns_your_authority,
          [](auto& state, auto&, auto&) {
              state.edit(proposal_key(bytes32(id)), [](auto& it) {
                  *it.mutable_change() = change_of(new_node(norfolk, "new node"));
              });
          }},
         {Refusal::already_voted, [](auto& state, auto&, auto&) {
              state.edit(proposal_key(bytes32(id)),
                         [](auto& it) { it.add_ballots()->set_authority(norfolk); });
          }}});
}

TEST_CASE("more than two thirds decide: three of four", "[ledger][vote]") {
    auto state = voting_world();
    CHECK(votes(state, norfolk, pb::CHOICE_YES) == "done");
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_OPEN);
    CHECK(votes(state, essex, pb::CHOICE_YES, opened_at + 4 * day) == "done");
    const auto proposal = proposal_in(state);
    CHECK(proposal.status() == pb::PROPOSAL_STATUS_DECIDED);
    CHECK(proposal.decided_at() == opened_at + 4 * day);
    REQUIRE(proposal.ballots_size() == 3);
    CHECK(proposal.ballots(0).authority() == essex);
    CHECK(proposal.ballots(1).authority() == norfolk);
    CHECK(proposal.ballots(2).authority() == suffolk);
    CHECK(proposal.ballots(0).cast_at() == opened_at + 4 * day);
    CHECK(votes(state, kent, pb::CHOICE_NO) == refused(Refusal::proposal_not_open));
}

TEST_CASE("two thirds exactly are not more than two thirds: two of three", "[ledger][vote]") {
    auto state = voting_world();
    leave_only(state, {essex, norfolk, suffolk});
    CHECK(votes(state, norfolk, pb::CHOICE_YES) == "done");
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_OPEN);
    CHECK(votes(state, essex, pb::CHOICE_YES) == "done");
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_DECIDED);
}

TEST_CASE("a proposal lapses as soon as it can no longer be decided", "[ledger][vote]") {
    auto state = voting_world();
    CHECK(votes(state, norfolk, pb::CHOICE_NO) == "done");
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_OPEN);
    CHECK(votes(state, kent, pb::CHOICE_NO, opened_at + 5 * day) == "done");
    const auto proposal = proposal_in(state);
    CHECK(proposal.status() == pb::PROPOSAL_STATUS_LAPSED);
    CHECK(proposal.ended_at() == opened_at + 5 * day);
    CHECK(proposal.decided_at() == 0);
    CHECK(due_time_of(proposal) == 0);
    CHECK(votes(state, essex, pb::CHOICE_YES) == refused(Refusal::proposal_not_open));
}

TEST_CASE("a vote is final", "[ledger][vote]") {
    auto state = voting_world();
    CHECK(votes(state, norfolk, pb::CHOICE_NO) == "done");
    CHECK(votes(state, norfolk, pb::CHOICE_YES) == refused(Refusal::already_voted));
    CHECK(votes(state, suffolk, pb::CHOICE_NO) == refused(Refusal::already_voted));
}

TEST_CASE("the others decide about an authority, all three of three", "[ledger][vote]") {
    auto state = voting_world(propose(new_node(suffolk, "new node")));
    CHECK(votes(state, suffolk, pb::CHOICE_YES) == refused(Refusal::concerns_your_authority));
    CHECK(votes(state, norfolk, pb::CHOICE_YES) == "done");
    CHECK(votes(state, essex, pb::CHOICE_YES) == "done");
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_OPEN);
    CHECK(votes(state, kent, pb::CHOICE_YES) == "done");
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_DECIDED);
}

TEST_CASE("ballots of those who left do not count, and who has joined is asked too",
          "[ledger][vote]") {
    auto state = voting_world();
    CHECK(votes(state, norfolk, pb::CHOICE_YES) == "done");
    leave_only(state, {essex, kent, suffolk});
    CHECK(votes(state, kent, pb::CHOICE_YES) == "done");
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_OPEN);  // 2 of 3
    state.with_authority(surrey);
    CHECK(votes(state, surrey, pb::CHOICE_YES) == "done");  // 3 of 4
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_DECIDED);
    CHECK(proposal_in(state).ballots_size() == 4);
}

TEST_CASE("a no of somebody who left does not stand in the way", "[ledger][vote]") {
    auto state = voting_world();
    CHECK(votes(state, norfolk, pb::CHOICE_NO) == "done");
    leave_only(state, {essex, kent, suffolk});
    CHECK(votes(state, essex, pb::CHOICE_YES) == "done");
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_OPEN);
    CHECK(votes(state, kent, pb::CHOICE_YES) == "done");
    CHECK(proposal_in(state).status() == pb::PROPOSAL_STATUS_DECIDED);
}

}  // namespace tallystick::ledger::test
