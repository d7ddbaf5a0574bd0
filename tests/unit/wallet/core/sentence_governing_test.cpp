#include "unit/catch.hpp"
#include "wallet/core/approvals.hpp"
#include "wallet/core/sentence.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

namespace {

const std::string proposal_id(32, '\xAB');

pb::Policy policy_of(std::initializer_list<char> keys) {
    pb::Policy policy;
    for (const auto key : keys) policy.add_keys(std::string(32, key));
    policy.set_routine_threshold(1);
    policy.set_above_threshold(1);
    policy.set_policy_threshold(static_cast<std::uint32_t>(keys.size()));
    policy.set_amount_limit(Amount::hundredths_max);
    return policy;
}

pb::AuthorityNode node(char key, std::uint64_t power) {
    pb::AuthorityNode made;
    made.set_public_key(std::string(32, key));
    made.set_power(power);
    return made;
}

/// Four authorities, the parameters by default, and the node of norfolk.
Facts a_ledger() {
    Facts facts;
    pb::Authorities authorities;
    for (const auto* handle : {"essex", "kent", "norfolk", "suffolk"})
        authorities.add_handles(handle);
    facts.learn(authorities_key().bytes, canonical_bytes(authorities));
    pb::Parameters parameters;
    parameters.set_answer_seconds(1209600);
    parameters.set_due_items_per_block_max(1000);
    facts.learn(parameters_key().bytes, canonical_bytes(parameters));
    facts.learn(authority_node_key("norfolk").bytes, canonical_bytes(node('\x11', 1)));
    return facts;
}

pb::Body proposing(const pb::Change& change, std::uint64_t effective_at = 1803945599) {
    pb::Body body;
    body.set_account("suffolk");
    *body.mutable_propose()->mutable_change() = change;
    body.mutable_propose()->set_effective_at(effective_at);
    return body;
}

void says(const pb::Change& change, const std::string& expected) {
    const auto sentence = sentence_of(proposing(change), a_ledger());
    INFO(sentence);
    CHECK(sentence == "You, suffolk, propose to " + expected + ".");
}

const std::string all_of_four =
    "; not before 1 March 2027; 3 of the 4 authorities must agree, and proposing it is your yes";
const std::string without_norfolk =
    "; not before 1 March 2027; 3 of the 3 other authorities must agree, and proposing it is your "
    "yes, but norfolk has no vote on it";

}  // namespace

TEST_CASE("every change that can be proposed has its sentence", "[wallet][sentence][governing]") {
    pb::Change change;
    auto& admit = *change.mutable_admit_authority();
    admit.set_handle("dorset");
    admit.add_names()->set_text("Dorset\x1b[2J Council");
    admit.add_identifiers()->set_scheme("GB-LAE");
    admit.mutable_identifiers(0)->set_id("DST");
    *admit.mutable_policy() = policy_of({'\x01', '\x02'});
    *admit.mutable_node() = node('\x22', 3);
    says(change,
         "admit \"Dorset\xEF\xBF\xBD[2J Council\" as the authority dorset, known as GB-LAE DST, "
         "with a node of power 3 (key 22222222…) and 2 keys (01010101… and 02020202…); 1 of 2 must "
         "sign, 2 of 2 a change of this rule" +
             all_of_four);

    auto& remove = *change.mutable_remove_authority();
    remove.set_authority("norfolk");
    remove.set_successor("essex");
    says(change,
         "remove the authority norfolk for ever: its node no longer counts, it can sign nothing "
         "more, and essex takes over its accounts and contracts" +
             without_norfolk);

    auto& set_policy = *change.mutable_set_authority_policy();
    set_policy.set_authority("norfolk");
    *set_policy.mutable_policy() = policy_of({'\x01'});
    says(change,
         "change who signs for the authority norfolk to 1 key (01010101…); 1 of 1 must sign, 1 of "
         "1 a change of this rule" +
             without_norfolk);

    auto& set_node = *change.mutable_set_node();
    set_node.set_authority("norfolk");
    *set_node.mutable_node() = node('\x33', 2);
    says(change,
         "give the authority norfolk a node of power 2 (key 33333333…) in place of a node of power "
         "1 (key 11111111…), which no longer counts" +
             without_norfolk);
    *set_node.mutable_node() = node('\x11', 2);
    says(change,
         "give the authority norfolk a node of power 2 (key 11111111…), the key that it has, with "
         "power 1 until now" +
             without_norfolk);

    auto& parameter = *change.mutable_set_parameter();
    parameter.set_parameter(pb::PARAMETER_ANSWER_SECONDS);
    parameter.set_value(1814400);
    says(change, "set the time to answer a redemption (answer_seconds) from 14 days to 21 days" +
                     all_of_four);
    parameter.set_parameter(pb::PARAMETER_DUE_ITEMS_PER_BLOCK_MAX);
    parameter.set_value(5);
    says(change,
         "set how many due items one block may work off (due_items_per_block_max) from 1000 to 5" +
             all_of_four);

    change.mutable_take_power()->set_authority("norfolk");
    says(change, "take the power from the node of norfolk, which signed twice (key 11111111…)" +
                     without_norfolk);

    change.mutable_hand_over()->set_segment(2);
    change.mutable_hand_over()->set_engine(pb::ENGINE_COMETBFT);
    says(change,
         "end this segment of the chain and go on as segment 2 under the engine cometbft; every "
         "authority must then start its node for the new segment, and until enough of them have, "
         "the ledger takes nothing new" +
             all_of_four);
}

TEST_CASE("a proposal without a time, or of an unknown ledger, is said as it is",
          "[wallet][sentence][governing]") {
    pb::Change change;
    change.mutable_take_power()->set_authority("norfolk");
    CHECK(
        sentence_of(proposing(change, 0), {}) ==
        "You, suffolk, propose to take the power from the node of norfolk, which signed twice; as "
        "soon as it is decided, and proposing it is your yes, but norfolk has no vote on it.");
    CHECK(action_title(proposing(change)) == "proposal make");
}

TEST_CASE("a vote says what it is for, and how the votes stand", "[wallet][sentence][governing]") {
    auto facts = a_ledger();
    pb::Body body;
    body.set_account("essex");
    body.mutable_vote()->set_proposal(proposal_id);
    body.mutable_vote()->set_choice(pb::CHOICE_NO);
    CHECK(sentence_of(body, facts) ==
          "You, essex, vote no on the proposal abababab…; a vote cannot be taken back.");
    pb::Proposal proposal;
    proposal.set_proposer("suffolk");
    proposal.mutable_change()->mutable_remove_authority()->set_authority("norfolk");
    proposal.mutable_change()->mutable_remove_authority()->set_successor("kent");
    proposal.set_status(pb::PROPOSAL_STATUS_OPEN);
    for (const auto* authority : {"kent", "suffolk"}) {
        auto& ballot = *proposal.add_ballots();
        ballot.set_authority(authority);
        ballot.set_choice(authority[0] == 'k' ? pb::CHOICE_NO : pb::CHOICE_YES);
    }
    facts.learn(proposal_key(proposal_id).bytes, canonical_bytes(proposal));
    body.mutable_vote()->set_choice(pb::CHOICE_YES);
    CHECK(sentence_of(body, facts) ==
          "You, essex, vote yes on the proposal abababab… of suffolk: to remove the authority "
          "norfolk for ever: its node no longer counts, it can sign nothing more, and kent takes "
          "over its accounts and contracts; as soon as it is decided; 3 of the 3 other authorities "
          "must agree; so far 1 yes and 1 no; a vote cannot be taken back.");
    CHECK(action_title(body) == "proposal vote");
    CHECK(*amount_moved(body, facts) == 0);
}

TEST_CASE("facts of governing: the authorities, and what the proposed change touches",
          "[wallet][sentence][governing]") {
    pb::Proposal proposal;
    proposal.mutable_change()->mutable_set_parameter()->set_parameter(pb::PARAMETER_RULE_SET);
    std::vector<std::string> asked;
    const EntryFetcher fetch = [&](const std::string& key) -> Try<std::optional<std::string>> {
        asked.push_back(key);
        if (key == proposal_key(proposal_id).bytes) return std::optional{canonical_bytes(proposal)};
        return std::optional<std::string>{};
    };
    pb::Body body;
    body.set_account("essex");
    body.mutable_vote()->set_proposal(proposal_id);
    Facts facts;
    REQUIRE(gather_facts(body, fetch, facts));
    CHECK(asked == std::vector<std::string>{proposal_key(proposal_id).bytes,
                                            account_key("essex").bytes, authorities_key().bytes,
                                            parameters_key().bytes});
    asked.clear();
    pb::Change change;
    change.mutable_set_node()->set_authority("kent");
    Facts more;
    REQUIRE(gather_facts(proposing(change), fetch, more));
    CHECK(asked == std::vector<std::string>{account_key("suffolk").bytes, authorities_key().bytes,
                                            authority_node_key("kent").bytes});
}

TEST_CASE("governing is signed by as many as a change of the policy", "[wallet][governing]") {
    pb::Account account;
    *account.mutable_policy() = policy_of({'\x01', '\x02', '\x03'});
    Facts facts;
    facts.learn(account_key("suffolk").bytes, canonical_bytes(account));
    pb::Change change;
    change.mutable_take_power()->set_authority("norfolk");
    CHECK(approvals_of(unsigned_draft(proposing(change)), facts).front().needed == 3);
    pb::Body vote;
    vote.set_account("suffolk");
    vote.mutable_vote()->set_choice(pb::CHOICE_YES);
    CHECK(approvals_of(unsigned_draft(vote), facts).front().needed == 3);
    vote.mutable_withdraw_need();
    CHECK(approvals_of(unsigned_draft(vote), facts).front().needed == 1);
}
