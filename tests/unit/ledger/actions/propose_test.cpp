#include "ledger/actions/propose.hpp"

#include "ledger/governance/proposals.hpp"
#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

namespace {

const auto shorter_reveal = parameter(pb::PARAMETER_REVEAL_SECONDS, day);

std::string form_of_proposal(const pb::Propose& action) {
    return told(check(action, Scene{suffolk}.check_context()));
}

pb::Proposal proposed(MemoryState& state, const pb::Propose& action,
                      const std::string& who = suffolk) {
    REQUIRE(told(run(state, Scene{who}, action)) == "done");
    return *state.get(proposal_key(Scene{who}.id));
}

}  // namespace

TEST_CASE("a proposal is malformed for the first thing that is wrong", "[ledger][propose]") {
    CHECK(form_of_proposal(propose(shorter_reveal)) == "well-formed");
    auto action = propose(shorter_reveal, seconds_max);
    CHECK(form_of_proposal(action) == "well-formed");
    action.set_effective_at(seconds_max + 1);
    CHECK(form_of_proposal(action) == malformed(Malformed::bad_time));
    action.mutable_change()->mutable_set_parameter()->set_value(0);
    CHECK(form_of_proposal(action) == malformed(Malformed::bad_parameter));
    action.clear_change();
    CHECK(form_of_proposal(action) == malformed(Malformed::missing_field));
}

TEST_CASE("a proposal is refused for the first rule that is broken", "[ledger][propose]") {
    check_refusals<pb::Propose>(
        governed_world(), {suffolk}, propose(removal(norfolk, kent)),
        {{Refusal::not_an_authority, [](auto&, auto& scene, auto&) { scene.account = builders; }},
         {Refusal::effective_too_late,
          [](auto&, auto& scene, auto& action) {
              action.set_effective_at(scene.now + 366 * day + 1);
          }},
         {Refusal::unknown_authority,
          [](auto&, auto&, auto& action) {
              action.mutable_change()->mutable_remove_authority()->set_authority(surrey);
          }},
         {Refusal::too_few_authorities,
          [](auto& state, auto& scene, auto& action) {
              leave_only(state, {action.change().remove_authority().authority(), scene.account});
          }},
         {Refusal::unknown_successor, [](auto&, auto&, auto& action) {
              action.mutable_change()->mutable_remove_authority()->set_successor(surrey);
          }}});
}

TEST_CASE("a change can be planned a leap year ahead", "[ledger][propose]") {
    auto state = governed_world();
    const Scene scene{suffolk};
    CHECK(told(run(state, scene, propose(shorter_reveal, scene.now + 366 * day))) == "done");
}

TEST_CASE("a proposal is its proposer's yes, and waits for the others", "[ledger][propose]") {
    auto state = governed_world();
    const auto proposal = proposed(state, propose(shorter_reveal, opened_at + 9 * day));
    CHECK(proposal.proposer() == suffolk);
    CHECK(proposal.change().set_parameter().value() == day);
    CHECK(proposal.effective_at() == opened_at + 9 * day);
    CHECK(proposal.status() == pb::PROPOSAL_STATUS_OPEN);
    CHECK(proposal.proposed_at() == Scene{suffolk}.now);
    CHECK(proposal.lapses_at() == Scene{suffolk}.now + 30 * day);
    REQUIRE(proposal.ballots_size() == 1);
    CHECK(proposal.ballots(0).authority() == suffolk);
    CHECK(proposal.ballots(0).choice() == pb::CHOICE_YES);
    CHECK(proposal.ballots(0).cast_at() == Scene{suffolk}.now);
    CHECK(proposal.decided_at() == 0);
    CHECK(due_time_of(proposal) == proposal.lapses_at());
    CHECK(state.get(parameters_key())->reveal_seconds() == 3 * day);
}

TEST_CASE("how long a proposal waits is a parameter", "[ledger][propose]") {
    auto state = governed_world();
    state.edit(parameters_key(), [](auto& it) { it.set_proposal_seconds(5); });
    CHECK(proposed(state, propose(shorter_reveal)).lapses_at() == Scene{suffolk}.now + 5);
}

TEST_CASE("an authority proposes what concerns itself, and has no say in it", "[ledger][propose]") {
    auto state = governed_world();
    const auto proposal = proposed(state, propose(new_node(suffolk, "new node")));
    CHECK(proposal.status() == pb::PROPOSAL_STATUS_OPEN);
    CHECK(proposal.ballots().empty());
}

TEST_CASE("a single authority decides at once, for the next block at the earliest",
          "[ledger][propose]") {
    auto state = standard_world();
    leave_only(state, {suffolk});
    const auto proposal = proposed(state, propose(shorter_reveal));
    CHECK(proposal.status() == pb::PROPOSAL_STATUS_DECIDED);
    CHECK(proposal.decided_at() == Scene{suffolk}.now);
    CHECK(due_time_of(proposal) == Scene{suffolk}.now);
    CHECK(state.get(parameters_key())->reveal_seconds() == 3 * day);
}

TEST_CASE("one of two does not decide alone", "[ledger][propose]") {
    auto state = standard_world();
    CHECK(proposed(state, propose(admit(essex))).status() == pb::PROPOSAL_STATUS_OPEN);
}

}  // namespace tallystick::ledger::test
