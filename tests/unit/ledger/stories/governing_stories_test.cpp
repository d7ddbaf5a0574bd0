#include "ledger/validators.hpp"
#include "unit/ledger/governing.hpp"
#include "unit/ledger/test_chain.hpp"

// Stories of four authorities, block by block, with real signatures. Every block checks what it
// touched against every law, and every story ends with all of them.
namespace tallystick::ledger::test {
namespace {

constexpr std::uint64_t monday = opened_at + 2 * day;
constexpr std::uint64_t minute = 60;

/// Four authorities, and a clock that goes on by a minute a block.
class Council {
  public:
    Council() {
        chain_.state = governed_world();
        chain_.height = 100;
    }

    /// They act in one block; what became of it, the ledger's own doing first.
    template <class Action>
    std::string does(const std::string& who, const Action& action, std::string_view name) {
        return told(block({envelope(who, action, name)}));
    }
    template <class Action>
    VerifiedEnvelope envelope(const std::string& who, const Action& action, std::string_view name) {
        auto made = envelope_of({who, std::string{name}, now_ + day}, action);
        ids_.emplace(name, made->id.str());
        return made;
    }
    BlockResult block(const std::vector<VerifiedEnvelope>& envelopes,
                      const std::vector<pb::Misbehaviour>& misbehaviours = {}) {
        now_ += minute;
        return chain_.block(envelopes, now_, misbehaviours);
    }
    /// A block in which nobody acts.
    std::string tick() { return told_by_itself(block({})); }
    std::string wait_until(std::uint64_t time) {
        now_ = time;
        return told_by_itself(chain_.block({}, now_));
    }

    pb::Vote ballot(std::string_view proposal, pb::Choice choice = pb::CHOICE_YES) {
        pb::Vote action;
        action.set_proposal(ids_.at(std::string{proposal}));
        action.set_choice(choice);
        return action;
    }
    /// All of these say yes, each in a block of its own.
    void agree(std::string_view proposal, const std::vector<std::string>& who) {
        for (const auto& each : who)
            REQUIRE(does(each, ballot(proposal), each + std::string{proposal}) == "done");
    }
    std::string status(std::string_view proposal) {
        const auto found = chain_.state.get(proposal_key(ids_.at(std::string{proposal})));
        return found ? pb::ProposalStatus_Name(found->status()).substr(16) : "none";
    }
    MemoryState& state() { return chain_.state; }
    TestChain& chain() { return chain_; }
    [[nodiscard]] std::uint64_t now() const { return now_; }

  private:
    TestChain chain_;
    std::uint64_t now_ = monday;
    std::map<std::string, std::string> ids_;
};

}  // namespace

TEST_CASE("three of four change a window, in the next block and not before", "[ledger][story]") {
    Council council;
    const auto change = propose(parameter(pb::PARAMETER_REVEAL_SECONDS, day));
    CHECK(council.does(suffolk, change, "shorter") == "done");
    council.agree("shorter", {norfolk});
    CHECK(council.status("shorter") == "OPEN");
    council.agree("shorter", {kent});
    CHECK(council.status("shorter") == "DECIDED");
    CHECK(council.state().get(parameters_key())->reveal_seconds() == 3 * day);
    CHECK(council.tick() == "PROPOSAL done");
    CHECK(council.status("shorter") == "IN_FORCE");
    CHECK(council.state().get(parameters_key())->reveal_seconds() == day);
    CHECK(council.tick().empty());
    CHECK(council.chain().broken_law().empty());
}

TEST_CASE("a change planned for a day happens on that day", "[ledger][story]") {
    Council council;
    const auto first_of_month = monday + 10 * day;
    CHECK(council.does(suffolk,
                       propose(parameter(pb::PARAMETER_ANSWER_SECONDS, day), first_of_month),
                       "answers") == "done");
    council.agree("answers", {norfolk, kent});
    CHECK(council.tick().empty());
    CHECK(council.wait_until(first_of_month - 1).empty());
    CHECK(council.state().get(parameters_key())->answer_seconds() == 14 * day);
    CHECK(council.wait_until(first_of_month) == "PROPOSAL done");
    CHECK(council.state().get(parameters_key())->answer_seconds() == day);
}

TEST_CASE("nobody answers a proposal: it lapses after a month", "[ledger][story]") {
    Council council;
    CHECK(council.does(suffolk, propose(admit(surrey)), "surrey") == "done");
    const auto lapses = council.now() + 30 * day;
    CHECK(council.wait_until(lapses - 1).empty());
    CHECK(council.status("surrey") == "OPEN");
    CHECK(council.wait_until(lapses) == "PROPOSAL done");
    CHECK(council.status("surrey") == "LAPSED");
    CHECK(council.does(norfolk, council.ballot("surrey"), "late") == "proposal_not_open");
    CHECK(listed(council.state()) == "essex kent norfolk suffolk");
}

TEST_CASE("an authority is admitted, and votes and registers like the others", "[ledger][story]") {
    Council council;
    CHECK(council.does(suffolk, propose(admit(surrey)), "surrey") == "done");
    CHECK(council.does(surrey, council.ballot("surrey"), "early") == "not_authorised");
    council.agree("surrey", {norfolk, essex});
    CHECK(council.tick() == "PROPOSAL done");
    CHECK(listed(council.state()) == "essex kent norfolk suffolk surrey");
    CHECK(validators_of(council.state()).validators_size() == 5);

    // Four of five now.
    CHECK(council.does(surrey, propose(parameter(pb::PARAMETER_ANSWER_SECONDS, day)), "answers") ==
          "done");
    council.agree("answers", {suffolk, norfolk});
    CHECK(council.status("answers") == "OPEN");
    council.agree("answers", {kent});
    CHECK(council.status("answers") == "DECIDED");
    CHECK(council.chain().broken_law().empty());
}

TEST_CASE("a node signs twice: recorded at once, its power taken by the others",
          "[ledger][story]") {
    Council council;
    const auto report = report_on(node_key_of(norfolk), 98);
    const auto result = council.block({council.envelope(food_bank, need_of(), "need")}, {report});
    CHECK(told_by_itself(result) == "MISBEHAVIOUR done");
    CHECK(told(result) == "done");
    const auto& due = result.entries[0].outcome().due();
    CHECK(due.object() == misbehaviour_key(norfolk, 98).bytes);
    CHECK(due.time() == council.now());
    CHECK(result.entries[0].id() ==
          due_id(test_ledger(), council.now(), pb::DUE_KIND_MISBEHAVIOUR, due.object()).text());
    CHECK(council.state().get(misbehaviour_key(norfolk, 98))->recorded_at() == 101);

    CHECK(council.does(norfolk, propose(taking_power(norfolk)), "own") == "done");
    CHECK(council.does(kent, propose(taking_power(suffolk)), "wrong one") == "no_misbehaviour");
    CHECK(council.does(kent, propose(taking_power(norfolk)), "power") == "done");
    CHECK(council.does(norfolk, council.ballot("power", pb::CHOICE_NO), "no!") ==
          "concerns_your_authority");
    council.agree("power", {suffolk, essex});
    CHECK(council.tick() == "PROPOSAL done");
    CHECK(validators_of(council.state()).validators_size() == 3);

    // Its organisations are not to blame, and it still has its vote.
    CHECK(council.does(norfolk, propose(parameter(pb::PARAMETER_ANSWER_SECONDS, day)), "answers") ==
          "done");
    CHECK(council.does(kent, propose(new_node(norfolk, "new node")), "new node") == "done");
    council.agree("new node", {suffolk, essex});
    CHECK(council.tick() == "PROPOSAL done");
    CHECK(validators_of(council.state()).validators_size() == 4);
    CHECK(council.chain().broken_law().empty());
}

TEST_CASE("an authority leaves, and its successor does its work", "[ledger][story]") {
    Council council;
    CHECK(council.does(norfolk, propose(parameter(pb::PARAMETER_ANSWER_SECONDS, day)), "answers") ==
          "done");
    CHECK(council.does(norfolk, propose(removal(suffolk, kent)), "goes") == "done");
    council.agree("goes", {kent, essex});
    council.state().edit(accreditation_key(bridge(), choir), [](pb::Accreditation& it) {
        it.mutable_application()->add_outcomes("skills");
        it.mutable_application()->add_wards("orwell");
    });
    CHECK(council.tick() == "PROPOSAL done");
    CHECK(listed(council.state()) == "essex kent norfolk");

    pb::Accredit accredit;
    *accredit.mutable_contract() = bridge();
    accredit.set_project(choir);
    accredit.add_outcomes("skills");
    accredit.add_wards("orwell");
    accredit.set_expires(deadline);
    *accredit.mutable_relevance() = reason(pb::REASON_CODE_RELEVANT_TO_PLACE);
    CHECK(council.does(suffolk, accredit, "by the old") == "authority_removed");
    CHECK(council.does(norfolk, accredit, "by another") == "not_the_contracts_authority");
    CHECK(council.does(kent, accredit, "by the new") == "done");
    CHECK(council.does(suffolk, council.ballot("answers"), "vote of the old") ==
          "authority_removed");
    // Its organisations go on, and new ones are the successor's.
    CHECK(council.does(food_bank, need_of(), "need") == "done");
    CHECK(council.chain().broken_law().empty());
}

TEST_CASE("who co-signs for an authority that left signs nothing", "[ledger][story]") {
    Council council;
    CHECK(council.does(norfolk, propose(removal(suffolk, kent)), "goes") == "done");
    council.agree("goes", {kent, essex});
    CHECK(council.tick() == "PROPOSAL done");
    const auto with = [&](const std::string& co_signer, std::string_view name) {
        return told(council.block({envelope_of(
            {food_bank, std::string{name}, council.now() + day, {co_signer}}, need_of())}));
    };
    CHECK(with(suffolk, "old") == "authority_removed");
    CHECK(with(kent, "new") == "done");
    // Without its signature it is nobody's doing: skipped, and no id used up.
    CHECK(told(council.block({envelope_of({.account = suffolk,
                                           .name = "unsigned",
                                           .valid_until = council.now() + day,
                                           .signers = {norfolk}},
                                          need_of())})) == "not_authorised");
}

TEST_CASE("a proposal of somebody who has left is not voted on any more", "[ledger][story]") {
    Council council;
    CHECK(council.does(suffolk, propose(parameter(pb::PARAMETER_ANSWER_SECONDS, day)), "answers") ==
          "done");
    const auto lapses = council.now() + 30 * day;
    CHECK(council.does(norfolk, propose(removal(suffolk, kent)), "goes") == "done");
    council.agree("goes", {kent, essex});
    CHECK(council.tick() == "PROPOSAL done");
    CHECK(council.does(kent, council.ballot("answers"), "yes") == "proposer_left");
    CHECK(council.wait_until(lapses) == "PROPOSAL done");
    CHECK(council.status("answers") == "LAPSED");
}

TEST_CASE("two decided changes meet: the second fails with its reason in the log",
          "[ledger][story]") {
    Council council;
    CHECK(council.does(norfolk, propose(removal(suffolk, kent), monday + 3 * day), "first") ==
          "done");
    CHECK(council.does(essex, propose(removal(suffolk, norfolk), monday + 4 * day), "second") ==
          "done");
    council.agree("first", {kent, essex});
    council.agree("second", {kent, norfolk});
    CHECK(council.wait_until(monday + 5 * day) == "PROPOSAL done, PROPOSAL unknown_authority");
    CHECK(council.status("first") == "IN_FORCE");
    CHECK(council.status("second") == "FAILED");
    CHECK(council.state().get(account_key(suffolk))->successor() == kent);
    CHECK(council.chain().broken_law().empty());
}

TEST_CASE("a segment ends with a block that changes nothing, and the next one goes on",
          "[ledger][story]") {
    Council council;
    const auto at = monday + day;
    CHECK(council.does(suffolk, propose(handing_over(2), at), "over") == "done");
    CHECK(council.does(suffolk, propose(parameter(pb::PARAMETER_ANSWER_SECONDS, day), at + 1),
                       "answers") == "done");
    for (const auto* proposal : {"over", "answers"}) council.agree(proposal, {norfolk, kent});

    // What is due behind it waits for the next segment.
    CHECK(council.wait_until(at + 5) == "PROPOSAL done");
    const auto height = council.chain().height;
    const auto handover = council.state().get(handover_key());
    REQUIRE(handover);
    CHECK(handover->initial_height() == height + 2);
    CHECK(handover->chain_id() == "east-anglia-2");
    CHECK(council.status("answers") == "DECIDED");
    CHECK_FALSE(is_last_block(council.state(), height));
    CHECK(is_last_block(council.state(), height + 1));
    CHECK_FALSE(is_last_block(council.state(), height + 2));

    const auto need = council.envelope(food_bank, need_of(), "need");
    const auto last = council.block({need}, {report_on(node_key_of(kent), height)});
    CHECK(told(last) == "handed_over");
    CHECK(last.entries.empty());
    CHECK(last.changes.empty());
    CHECK(last.more_due);

    council.chain().chain_id = handover->chain_id();
    const auto first = council.block({need}, {report_on(node_key_of(kent), height)});
    CHECK(told_by_itself(first) == "MISBEHAVIOUR done, PROPOSAL done");
    CHECK(told(first) == "done");
    CHECK(council.status("answers") == "IN_FORCE");
    CHECK(council.chain().broken_law().empty());
}

TEST_CASE("evidence does not take the place of what is due", "[ledger][story]") {
    Council council;
    council.state().edit(parameters_key(), [](auto& it) { it.set_due_items_per_block_max(1); });
    CHECK(council.does(suffolk, propose(parameter(pb::PARAMETER_ANSWER_SECONDS, day)), "answers") ==
          "done");
    council.agree("answers", {norfolk, kent});
    const auto stranger = report_on(key_of("stranger").public_key().str());
    const auto result =
        council.block({}, {report_on(node_key_of(kent), 5), stranger,
                           report_on(node_key_of(kent), 5), report_on(node_key_of(essex), 5)});
    CHECK(told_by_itself(result) == "MISBEHAVIOUR done, MISBEHAVIOUR done, PROPOSAL done");
    CHECK_FALSE(result.more_due);
}

TEST_CASE("rules that this program does not know are not guessed at", "[ledger][story]") {
    Council council;
    CHECK_FALSE(why_not_executable(council.state()));
    CHECK(council.does(suffolk, propose(parameter(pb::PARAMETER_RULE_SET, 2)), "rules") == "done");
    council.agree("rules", {norfolk, kent});
    // The block that puts them in force still goes by the old ones.
    CHECK(told_by_itself(council.block({})) == "PROPOSAL done");
    const auto why = why_not_executable(council.state());
    REQUIRE(why);
    CHECK(why->find("rule set 2") != std::string::npos);
    CHECK(why->find("up to 1") != std::string::npos);
    CHECK(why->ends_with('.'));
}

}  // namespace tallystick::ledger::test
