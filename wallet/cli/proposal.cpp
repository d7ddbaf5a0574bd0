// tally proposal make ... | vote | show | list | parameters
#include <algorithm>
#include <set>

#include "protocol/governing.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/policy_input.hpp"
#include "wallet/core/authority_file.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::size_t proof_file_bytes_max = 65536;
constexpr std::uint64_t power_max = 1'000'000;

/// An entry of the state, or the end of the command.
template <class Value>
std::optional<Value> fetched(Session& session, const Key<Value>& key) {
    Facts facts;
    facts.learn(key.bytes, must(session.fetcher()(key.bytes)));
    return facts.get(key);
}

/// What every proposal has: the change, and from when on it should hold.
struct MakeInput {
    std::string effective;

    void add_to(CLI::App& verb) {
        verb.add_option("--effective", effective,
                        "Not before this time; as soon as it is decided if left out");
    }
    [[nodiscard]] int propose(Session& session, const pb::Change& change) const {
        auto body = new_body(session);
        auto& action = *body.mutable_propose();
        *action.mutable_change() = change;
        action.set_effective_at(effective.empty() ? 0 : typed_time(effective));
        return act(session, body);
    }
};

std::string typed_authority(const std::string& text) {
    const auto handle = must(account_from_text(text));
    if (!is_handle_part(handle))
        throw Stop{{Exit::usage, "bad_handle",
                    "\"" + shown(text) + "\" is no authority: its handle has one part."}};
    return handle;
}

std::uint64_t typed_power(const std::string& text) {
    const auto power = must(number_from_text(text, power_max));
    if (power == 0)
        throw Stop{{Exit::usage, "bad_power",
                    "A node's power is 1 to 1000000. To take it away: tally proposal make "
                    "take-power."}};
    return power;
}

// --- the changes

struct AdmitInput {
    std::string file;
    PolicyInput policy;
    MakeInput make;
};

int admit(Session& session, const AdmitInput& input) {
    const auto ledger = session.ledger_id();
    pb::Change change;
    auto& admit = *change.mutable_admit_authority();
    admit =
        must(authority_from_file(must(read_file(input.file, authority_file_bytes_max)), ledger));
    if (admit.has_policy() != input.policy.proof_files.empty())
        throw Stop{{Exit::usage, "policy_twice_or_never",
                    admit.has_policy()
                        ? "The file has a policy of its own; leave --proof out."
                        : "The file has no policy. Give the new authority's key proofs: --proof "
                          "FILE, made by tally key proof --account " +
                              shown(admit.handle()) + "."}};
    if (!admit.has_policy()) {
        const auto proofs = input.policy.proofs(ledger, admit.handle());
        *admit.mutable_policy() = input.policy.policy(proofs, {});
        for (const auto& proof : proofs) *admit.add_proofs() = proof;
    }
    return input.make.propose(session, change);
}

struct RemoveInput {
    std::string authority;
    std::string successor;
    MakeInput make;
};

int remove(Session& session, const RemoveInput& input) {
    pb::Change change;
    change.mutable_remove_authority()->set_authority(typed_authority(input.authority));
    change.mutable_remove_authority()->set_successor(typed_authority(input.successor));
    return input.make.propose(session, change);
}

struct PolicyChangeInput {
    std::string authority;
    PolicyInput policy;
    std::vector<std::string> removed;
    MakeInput make;
};

int change_policy(Session& session, const PolicyChangeInput& input) {
    pb::Change change;
    auto& set = *change.mutable_set_authority_policy();
    set.set_authority(typed_authority(input.authority));
    const auto account = fetched(session, account_key(set.authority()));
    if (!account)
        throw Stop{{Exit::failed, "unknown_account",
                    "The ledger knows no authority " + shown(set.authority()) + "."}};
    std::set<std::string> removed;
    for (const auto& key : input.removed) removed.insert(must(hash_from_text(key)));
    std::vector<std::string> kept;
    for (const auto& key : account->policy().keys())
        if (removed.erase(key) == 0) kept.push_back(key);
    if (!removed.empty())
        throw Stop{{Exit::usage, "unknown_key",
                    "A key to remove is not in that policy: tally authority show " +
                        shown(set.authority()) + "."}};
    auto proofs = input.policy.proofs(session.ledger_id(), set.authority());
    std::erase_if(proofs, [&](const pb::KeyProof& proof) {
        return std::ranges::find(kept, proof.public_key()) != kept.end();
    });
    *set.mutable_policy() = input.policy.policy(proofs, kept);
    for (const auto& proof : proofs) *set.add_proofs() = proof;
    return input.make.propose(session, change);
}

struct NodeInput {
    std::string authority;
    std::string proof_file;
    std::string power = std::to_string(node_power_usual);
    MakeInput make;
};

int change_node(Session& session, const NodeInput& input) {
    pb::Change change;
    auto& set = *change.mutable_set_node();
    set.set_authority(typed_authority(input.authority));
    *set.mutable_node_proof() =
        must(key_proof_from_file(must(read_file(input.proof_file, proof_file_bytes_max)),
                                 session.ledger_id(), set.authority(), input.proof_file));
    set.mutable_node()->set_public_key(set.node_proof().public_key());
    set.mutable_node()->set_power(typed_power(input.power));
    return input.make.propose(session, change);
}

struct ParameterInput {
    std::string name;
    std::string value;
    MakeInput make;
};

int change_parameter(Session& session, const ParameterInput& input) {
    const auto parameter = parameter_from_name(input.name);
    if (!parameter)
        throw Stop{{Exit::usage, "unknown_parameter",
                    "There is no parameter " + shown(input.name) +
                        ". tally proposal parameters lists them."}};
    const bool is_time = input.name.find("_seconds") != std::string::npos;
    pb::Change change;
    change.mutable_set_parameter()->set_parameter(*parameter);
    change.mutable_set_parameter()->set_value(
        is_time ? must(duration_from_text(input.value))
                : must(number_from_text(input.value, Amount::hundredths_max)));
    return input.make.propose(session, change);
}

struct TakePowerInput {
    std::string authority;
    MakeInput make;
};

int take_power(Session& session, const TakePowerInput& input) {
    pb::Change change;
    change.mutable_take_power()->set_authority(typed_authority(input.authority));
    return input.make.propose(session, change);
}

struct HandOverInput {
    std::string engine;
    MakeInput make;
};

int hand_over(Session& session, const HandOverInput& input) {
    pb::Change change;
    auto& made = *change.mutable_hand_over();
    for (const auto engine : {pb::ENGINE_SOLO, pb::ENGINE_COMETBFT})
        if (input.engine == engine_name(engine)) made.set_engine(engine);
    if (made.engine() == pb::ENGINE_UNSPECIFIED)
        throw Stop{
            {Exit::usage, "unknown_engine",
             "The engine to go on under is solo or cometbft, not " + shown(input.engine) + "."}};
    // The first segment has the number 1 and leaves no record.
    const auto newest = fetched(session, handover_key());
    made.set_segment((newest ? newest->segment() : 1) + 1);
    return input.make.propose(session, change);
}

// --- voting and reading

int vote(Session& session, const std::string& proposal, const std::string& choice) {
    if (choice != "yes" && choice != "no")
        throw Stop{{Exit::usage, "bad_choice", "Vote yes or no."}};
    auto body = new_body(session);
    auto& action = *body.mutable_vote();
    action.set_proposal(resolve_id(session, proposal, "/v1/proposals"));
    action.set_choice(choice == "yes" ? pb::CHOICE_YES : pb::CHOICE_NO);
    return act(session, body);
}

std::string listed(const Json& json, const char* key) {
    std::string text;
    for (const auto& item : json.value(key, Json::array()))
        text += (text.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : "");
    return shown(text);
}

std::string when_text(const Json& proposal) {
    return json_text(proposal, "/effective_at") == "0"
               ? "as soon as it is decided"
               : "not before " + json_time(proposal, "/effective_at");
}

std::string proposal_text(const Json& proposal) {
    auto text = "Proposal " + shown(json_text(proposal, "/id")) + " (" +
                shown(json_text(proposal, "/status")) + ")\n  " +
                shown(json_text(proposal, "/words")) + "\n  Proposed by " +
                shown(json_text(proposal, "/proposer")) + " on " +
                json_time(proposal, "/proposed_at") + "; " + when_text(proposal) + "\n";
    for (const auto& ballot : proposal.value("ballots", Json::array()))
        text += "  " + shown(json_text(ballot, "/choice")) + ": " +
                shown(json_text(ballot, "/authority")) + " on " + json_time(ballot, "/cast_at") +
                "\n";
    if (proposal.contains("waits_for"))
        text += "  Yes needed: " + json_text(proposal, "/yes_needed") +
                "; not voted yet: " + listed(proposal, "waits_for") + "; lapses on " +
                json_time(proposal, "/lapses_at") + "\n";
    if (proposal.contains("decided_at"))
        text += "  Decided on " + json_time(proposal, "/decided_at") + "\n";
    if (proposal.contains("ended_at"))
        text += "  Ended on " + json_time(proposal, "/ended_at") + "\n";
    if (proposal.contains("refusal"))
        text += "  Failed: " + shown(json_text(proposal, "/refusal/sentence")) + "\n";
    return text;
}

int show(Session& session, const std::string& typed) {
    const auto id = resolve_id(session, typed, "/v1/proposals");
    const auto answer = must(session.node().get("/v1/proposals/" + to_hex(bytes_of(id))));
    session.print(answer, proposal_text(answer.value("proposal", Json::object())));
    return 0;
}

int list(Session& session, const std::string& status, const std::string& waits_for) {
    return print_list(
        session, "/v1/proposals", {{"status", status}, {"waits_for", waits_for}},
        {{"proposal"}, {"status"}, {"by"}, {"when"}, {"yes", true}, {"needed", true}, {"what"}},
        [](const Json& item) {
            return std::vector<std::string>{json_text(item, "/id").substr(0, 8),
                                            json_text(item, "/status"),
                                            json_text(item, "/proposer"),
                                            when_text(item),
                                            json_text(item, "/yes"),
                                            json_text(item, "/yes_needed"),
                                            json_text(item, "/words")};
        });
}

/// What a vote could change, and what is decided already.
int parameters(Session& session) {
    const auto ledger = must(session.node().get("/v1/ledger"));
    const auto now = ledger.value("parameters", Json::object());
    const auto coming = ledger.value("parameters_coming", Json::array());
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, value] : now.items()) {
        const auto parameter = parameter_from_name(name);
        if (!parameter || !value.is_number_unsigned()) continue;
        std::string next;
        for (const auto& one : coming) {
            if (json_text(one, "/parameter") != name) continue;
            next += (next.empty() ? "" : "; ") + json_text(one, "/value") + " from " +
                    json_time(one, "/effective_at");
        }
        rows.push_back({name, std::to_string(value.get<std::uint64_t>()),
                        parameter_value_in_words(*parameter, value.get<std::uint64_t>()), next,
                        std::string{parameter_in_words(*parameter)}});
    }
    session.print(
        {{"as_of", ledger.value("as_of", Json::object())},
         {"parameters", now},
         {"parameters_coming", coming}},
        table_text({{"parameter"}, {"value", true}, {"that is"}, {"decided"}, {"what"}}, rows));
    return 0;
}

// --- the commands' tables

template <class Input>
CLI::App& add_change(CLI::App& make, Session& session, const std::string& name,
                     const std::string& description, const std::shared_ptr<Input>& input,
                     int (*run)(Session&, const Input&)) {
    auto& verb = add_verb(make, name, description, session,
                          [&session, input, run] { return run(session, *input); });
    input->make.add_to(verb);
    return verb;
}

void add_authority_changes(CLI::App& make, Session& session) {
    const auto admitting = std::make_shared<AdmitInput>();
    auto& admits = add_change(make, session, "admit-authority", "Admit an authority with its node",
                              admitting, &admit);
    admits.add_option("file", admitting->file, "Public file that the new authority's tallyd wrote")
        ->required();
    admitting->policy.add_to(admits);

    const auto removing = std::make_shared<RemoveInput>();
    auto& removes =
        add_change(make, session, "remove", "Remove an authority for ever", removing, &remove);
    removes.add_option("authority", removing->authority, "Which")->required();
    removes
        .add_option("--successor", removing->successor,
                    "The authority that takes over its accounts and contracts")
        ->required();

    const auto policing = std::make_shared<PolicyChangeInput>();
    auto& polices = add_change(make, session, "policy", "Change who signs for an authority",
                               policing, &change_policy);
    polices.add_option("authority", policing->authority, "Whose")->required();
    policing->policy.add_to(polices);
    polices
        .add_option("--remove", policing->removed,
                    "Public key that may no longer sign; may be repeated")
        ->allow_extra_args(false);
}

void add_ledger_changes(CLI::App& make, Session& session) {
    const auto moving = std::make_shared<NodeInput>();
    auto& moves =
        add_change(make, session, "node", "Replace an authority's node key, or give it power again",
                   moving, &change_node);
    moves.add_option("authority", moving->authority, "Whose")->required();
    moves
        .add_option("--node-proof", moving->proof_file,
                    "Proof of the node's key, for the authority")
        ->required();
    moves.add_option("--power", moving->power, "Its power (" + moving->power + ")");

    const auto setting = std::make_shared<ParameterInput>();
    auto& sets = add_change(make, session, "parameter", "Set a window, a limit or the rule set",
                            setting, &change_parameter);
    sets.add_option("name", setting->name, "Such as reveal_seconds")->required();
    sets.add_option("value", setting->value, "A number; a time also as 90s, 15m, 2h, 10d")
        ->required();

    const auto taking = std::make_shared<TakePowerInput>();
    add_change(make, session, "take-power", "Take the power from a node that signed twice", taking,
               &take_power)
        .add_option("authority", taking->authority, "Whose node")
        ->required();

    const auto handing = std::make_shared<HandOverInput>();
    add_change(make, session, "hand-over", "End this segment of the chain and go on in the next",
               handing, &hand_over)
        .add_option("engine", handing->engine, "What orders the next segment: solo or cometbft")
        ->required();
}

}  // namespace

void add_proposal_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "proposal", "Changes that the authorities vote on");
    auto& make = add_noun(noun, "make", "Propose a change; of most, proposing it is your yes");
    add_authority_changes(make, session);
    add_ledger_changes(make, session);

    struct VoteInput {
        std::string proposal;
        std::string choice;
    };
    const auto voting = std::make_shared<VoteInput>();
    auto& votes =
        add_verb(noun, "vote", "Vote on a proposal; a vote is final", session,
                 [&session, voting] { return vote(session, voting->proposal, voting->choice); });
    votes.add_option("proposal", voting->proposal, "Its id")->required();
    votes.add_option("choice", voting->choice, "yes or no")->required();

    add_verb(noun, "parameters", "The ledger's windows and limits, and what is decided to come",
             session, [&session] { return parameters(session); });

    const auto shown_proposal = std::make_shared<std::string>();
    add_verb(noun, "show", "A proposal with its votes", session,
             [&session, shown_proposal] { return show(session, *shown_proposal); })
        .add_option("proposal", *shown_proposal, "Its id")
        ->required();

    struct ListInput {
        std::string status;
        std::string waits_for;
    };
    const auto listing = std::make_shared<ListInput>();
    auto& lists = add_verb(noun, "list", "Proposals", session, [&session, listing] {
        return list(session, listing->status, listing->waits_for);
    });
    lists.add_option("--status", listing->status, "Only open, decided, in_force, lapsed or failed");
    lists.add_option("--waits-for", listing->waits_for,
                     "Only those that wait for this authority's vote");
}

}  // namespace tallystick::wallet
