#include "ledger/governance/proposals.hpp"

#include "ledger/due.hpp"
#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

namespace {

const std::string id = bytes32("proposal");

pb::Authorities authorities(std::size_t count) {
    pb::Authorities list;
    for (std::size_t i = 0; i < count; ++i) list.add_handles("council-" + std::to_string(100 + i));
    return list;
}

/// The status after so many have said yes and no, of so many.
std::string counted(std::size_t all, std::size_t yes, std::size_t no) {
    const auto list = authorities(all);
    pb::Proposal proposal;
    *proposal.mutable_change() = change_of(parameter(pb::PARAMETER_REVEAL_SECONDS, 1));
    proposal.set_status(pb::PROPOSAL_STATUS_OPEN);
    for (std::size_t i = 0; i < yes + no; ++i) {
        auto& ballot = *proposal.add_ballots();
        ballot.set_authority(list.handles(static_cast<int>(i)));
        ballot.set_choice(i < yes ? pb::CHOICE_YES : pb::CHOICE_NO);
    }
    count_ballots(proposal, list, 5);
    return pb::ProposalStatus_Name(proposal.status()).substr(16);
}

MemoryState with_proposal(MemoryState state, const pb::Change& change, pb::ProposalStatus status) {
    pb::Proposal proposal;
    proposal.set_proposer(suffolk);
    *proposal.mutable_change() = change;
    proposal.set_status(status);
    proposal.set_proposed_at(opened_at);
    proposal.set_lapses_at(opened_at + 30 * day);
    if (status == pb::PROPOSAL_STATUS_DECIDED) proposal.set_decided_at(opened_at + day);
    return state.put(proposal_key(id), std::move(proposal));
}

std::string runs(MemoryState& state) {
    Draft draft{state};
    const auto verdict = execute_proposal(id, point, draft);
    state.apply(draft.changes());
    return told(verdict);
}

}  // namespace

TEST_CASE("ballots are counted: more than two thirds, or no longer possible",
          "[ledger][proposals]") {
    CHECK(counted(1, 1, 0) == "DECIDED");
    CHECK(counted(2, 1, 0) == "OPEN");
    CHECK(counted(2, 2, 0) == "DECIDED");
    CHECK(counted(2, 1, 1) == "LAPSED");
    CHECK(counted(3, 2, 0) == "OPEN");
    CHECK(counted(3, 2, 1) == "LAPSED");
    CHECK(counted(3, 3, 0) == "DECIDED");
    CHECK(counted(4, 2, 1) == "OPEN");
    CHECK(counted(4, 3, 1) == "DECIDED");
    CHECK(counted(4, 2, 2) == "LAPSED");
    CHECK(counted(6, 4, 1) == "OPEN");
    CHECK(counted(6, 4, 2) == "LAPSED");
    CHECK(counted(7, 4, 2) == "OPEN");
    CHECK(counted(7, 5, 2) == "DECIDED");
    CHECK(counted(7, 4, 3) == "LAPSED");
    CHECK(counted(100, 66, 0) == "OPEN");
    CHECK(counted(100, 67, 0) == "DECIDED");
    CHECK(counted(100, 0, 33) == "OPEN");
    CHECK(counted(100, 0, 34) == "LAPSED");
}

TEST_CASE("a proposal is due when it lapses, or when it was decided for", "[ledger][proposals]") {
    pb::Proposal proposal;
    proposal.set_lapses_at(500);
    proposal.set_status(pb::PROPOSAL_STATUS_OPEN);
    CHECK(due_time_of(proposal) == 500);
    proposal.set_status(pb::PROPOSAL_STATUS_DECIDED);
    proposal.set_decided_at(100);
    CHECK(due_time_of(proposal) == 100);
    proposal.set_effective_at(300);
    CHECK(due_time_of(proposal) == 300);
    for (const auto ended :
         {pb::PROPOSAL_STATUS_IN_FORCE, pb::PROPOSAL_STATUS_LAPSED, pb::PROPOSAL_STATUS_FAILED}) {
        proposal.set_status(ended);
        CHECK(due_time_of(proposal) == 0);
    }
}

TEST_CASE("a proposal's due item names it, and goes with it", "[ledger][proposals]") {
    const auto change = change_of(parameter(pb::PARAMETER_REVEAL_SECONDS, day));
    const auto key = proposal_key(id).bytes;
    auto state = with_proposal(governed_world(), change, pb::PROPOSAL_STATUS_OPEN);
    CHECK(bears_due_items(key));
    auto items = due_items_of(test_ledger(), key, state);
    REQUIRE(items.size() == 1);
    CHECK(items[0].time == opened_at + 30 * day);
    CHECK(items[0].kind == pb::DUE_KIND_PROPOSAL);
    CHECK(items[0].object == key);

    DueIndex index;
    refresh_due(index, test_ledger(), key, state);
    CHECK(index.earliest_of(key) == opened_at + 30 * day);
    REQUIRE(runs(state) == "done");
    CHECK(due_items_of(test_ledger(), key, state).empty());
    refresh_due(index, test_ledger(), key, state);
    CHECK(index.size() == 0);
}

TEST_CASE("an open proposal lapses at its time, and changes nothing", "[ledger][proposals]") {
    auto state =
        with_proposal(governed_world(), change_of(parameter(pb::PARAMETER_REVEAL_SECONDS, day)),
                      pb::PROPOSAL_STATUS_OPEN);
    CHECK(runs(state) == "done");
    CHECK(state.get(proposal_key(id))->status() == pb::PROPOSAL_STATUS_LAPSED);
    CHECK(state.get(proposal_key(id))->ended_at() == point.time);
    CHECK(state.get(parameters_key())->reveal_seconds() == 3 * day);
}

TEST_CASE("a decided proposal takes effect", "[ledger][proposals]") {
    auto state =
        with_proposal(governed_world(), change_of(parameter(pb::PARAMETER_REVEAL_SECONDS, day)),
                      pb::PROPOSAL_STATUS_DECIDED);
    CHECK(runs(state) == "done");
    CHECK(state.get(proposal_key(id))->status() == pb::PROPOSAL_STATUS_IN_FORCE);
    CHECK(state.get(proposal_key(id))->ended_at() == point.time);
    CHECK(state.get(proposal_key(id))->decided_at() == opened_at + day);
    CHECK(state.get(parameters_key())->reveal_seconds() == day);
}

TEST_CASE("a decided proposal fails if a rule says no when its time comes", "[ledger][proposals]") {
    auto state = with_proposal(governed_world(), change_of(removal(norfolk, kent)),
                               pb::PROPOSAL_STATUS_DECIDED);
    leave_only(state, {essex, norfolk, suffolk});
    const auto before = listed(state);
    CHECK(runs(state) == refused(Refusal::unknown_successor));
    const auto proposal = state.get(proposal_key(id));
    CHECK(proposal->status() == pb::PROPOSAL_STATUS_FAILED);
    CHECK(proposal->refusal() == static_cast<std::uint32_t>(Refusal::unknown_successor));
    CHECK(proposal->ended_at() == point.time);
    CHECK(listed(state) == before);
    CHECK(state.get(authority_node_key(norfolk)));
}

TEST_CASE("every kind of change can be decided, and takes effect", "[ledger][proposals]") {
    auto accused = governed_world();
    REQUIRE(report(accused, report_on(node_key_of(norfolk))));
    for (const auto& change :
         {change_of(admit(surrey)), change_of(removal(norfolk, kent)),
          change_of(new_signer(norfolk, "ada")), change_of(new_node(norfolk, "new node")),
          change_of(parameter(pb::PARAMETER_RULE_SET, 2)), change_of(taking_power(norfolk)),
          change_of(handing_over(2))}) {
        CAPTURE(change.ShortDebugString());
        auto state = with_proposal(accused, change, pb::PROPOSAL_STATUS_DECIDED);
        CHECK(runs(state) == "done");
    }
}

}  // namespace tallystick::ledger::test
