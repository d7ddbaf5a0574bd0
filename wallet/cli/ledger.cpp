// tally ledger show | follow | evidence, queue, entry show
#include "protocol/canonical.hpp"
#include "protocol/header.hpp"
#include "protocol/receipt_words.hpp"
#include "protocol/refusal.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/core/follower.hpp"
#include "wallet/core/heads.hpp"
#include "wallet/core/network_words.hpp"
#include "wallet/core/sentence.hpp"

namespace tallystick::wallet {

namespace {

int show_ledger(Session& session) {
    const auto answer = must(session.node().get("/v1/ledger"));
    std::string text =
        "Ledger " + shown(json_text(answer, "/name")) + " (" +
        shown(json_text(answer, "/chain_id")) +
        ")\n  Id: " + shown(json_text(answer, "/ledger_id")) + "\n  Block " +
        json_text(answer, "/as_of/height") + " of " + json_time(answer, "/as_of/time") +
        "; entries in the log: " + json_text(answer, "/app_state/log_size") + "\n  Authorities:";
    for (const auto& authority : answer.value("authorities", Json::array()))
        text += " " + shown(json_text(authority, "/handle"));
    text += "\n" + network_text(answer) + "\nSupply over all contracts, in credits\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto* pocket : {"awarded", "issued", "available", "reserved", "disputed",
                               "confirmed", "retired", "expired", "returned"})
        rows.push_back({pocket, json_credits(answer, std::string{"/supply/"} + pocket)});
    session.print(answer, text + table_text({{"pocket"}, {"credits", true}}, rows));
    return 0;
}

/// What came of one node, in words.
std::string said_text(const NodeSaid& said, std::uint64_t now) {
    const auto since = static_cast<std::uint64_t>(said.time);
    const auto block = "block " + std::to_string(said.height) + " of " + rfc3339(since) + ", " +
                       about_text(now > since ? now - since : 0) + " ago";
    switch (said.state) {
        case NodeState::agrees: return "agrees: " + block;
        case NodeState::behind: return "is behind: " + block;
        case NodeState::silent: return "gives nothing: " + said.message;
        case NodeState::unproved: return "lies or is damaged: " + said.message;
    }
    return "";
}

int follow_ledger(Session& session) {
    const auto now = Session::now();
    const auto trust = must(load_trust(session.profile().trust));
    Follower follower{session.nodes(), trust, session.folder()};
    const auto followed = must(follower.follow(now));
    const auto& header = followed.head.block().header();
    const auto since = static_cast<std::uint64_t>(header.time().seconds());
    const auto age = now > since ? now - since : 0;
    Json nodes = Json::array();
    std::string text =
        "Block " + std::to_string(header.height()) + " of the chain " + shown(header.chain_id()) +
        " is proved: " + rfc3339(since) + ", " + about_text(age) +
        " ago; entries in the log: " + std::to_string(followed.head.app_state().log_size()) + "\n";
    for (const auto& said : followed.nodes) {
        text += "  " + said.node + " " + said_text(said, now) + "\n";
        nodes.push_back({{"node", said.node},
                         {"state", node_state_name(said.state)},
                         {"height", said.height},
                         {"time", said.time},
                         {"code", said.code}});
    }
    // A ledger at rest makes a block at least every third of the period.
    const bool rests_too_long = age > trust.trusting_period_seconds / 2;
    if (rests_too_long)
        text += "A ledger makes a block at least every " +
                duration_text(trust.trusting_period_seconds / 3) +
                ". Either it stands still, or every node that was asked is behind.\n";
    session.print({{"chain_id", header.chain_id()},
                   {"height", header.height()},
                   {"time", since},
                   {"age_seconds", age},
                   {"header_hash", to_hex(header_hash(header).view())},
                   {"log_size", followed.head.app_state().log_size()},
                   {"log_root", to_hex(bytes_of(followed.head.app_state().log_root()))},
                   {"stale", rests_too_long},
                   {"nodes", nodes}},
                  text);
    return 0;
}

int show_evidence(Session& session) {
    Json items = Json::array();
    std::string text;
    for (const auto& one : Heads{session.folder()}.evidence()) {
        const auto& seen = one.seen.block().header();
        const auto& received = one.received.block().header();
        Json signers = Json::array();
        text += one.name + ": ";
        if (one.is_fork) {
            text += "two blocks of height " + std::to_string(seen.height()) + " of the chain " +
                    shown(seen.chain_id()) + "\n  " + to_hex(header_hash(seen).view()) + "\n  " +
                    to_hex(header_hash(received).view()) + "\n  Who signed both, by their keys:\n";
            for (const auto& key : one.signed_both) {
                signers.push_back(to_hex(bytes_of(key)));
                text += "    " + to_hex(bytes_of(key)) + "\n";
            }
        } else {
            text += "blocks " + std::to_string(seen.height()) + " and " +
                    std::to_string(received.height()) + " cannot both be of one history\n";
        }
        items.push_back({{"name", one.name},
                         {"is_fork", one.is_fork},
                         {"heights", {seen.height(), received.height()}},
                         {"header_hashes",
                          {to_hex(header_hash(seen).view()), to_hex(header_hash(received).view())}},
                         {"signed_both", signers}});
    }
    if (text.empty()) Session::say("None: nothing that this wallet verified contradicts itself.");
    session.print({{"folder", (session.folder() / "evidence").string()}, {"items", items}}, text);
    return 0;
}

std::string task_text(const std::string& task) {
    std::string words = task;
    for (auto& c : words)
        if (c == '_') c = ' ';
    return words;
}

int queue(Session& session, const std::string& typed) {
    const auto account = typed.empty() ? session.account() : must(account_from_text(typed));
    return print_list(
        session, "/v1/queue", {{"account", account}},
        {{"task"},
         {"since"},
         {"until"},
         {"contract or change"},
         {"with"},
         {"units"},
         {"id"},
         {"line", true}},
        [&account](const Json& item) {
            const auto supplier = json_text(item, "/supplier");
            if (json_text(item, "/task") == "vote")
                return std::vector<std::string>{"vote",
                                                json_time(item, "/since"),
                                                json_time(item, "/until"),
                                                json_text(item, "/words"),
                                                json_text(item, "/proposer"),
                                                "",
                                                json_text(item, "/id").substr(0, 8),
                                                ""};
            const auto quantity = json_text(item, "/quantity");
            return std::vector<std::string>{
                task_text(json_text(item, "/task")),
                json_time(item, "/since"),
                json_time(item, "/until"),
                json_contract(item, "/contract"),
                supplier == account ? json_text(item, "/project") : supplier,
                quantity.empty() ? "" : quantity + " × " + json_text(item, "/resource"),
                json_text(item, "/id").substr(0, 8),
                json_text(item, "/line")};
        });
}

/// What an entry is in words: the sentence of its envelope, or what the ledger did by itself.
std::string entry_text(Session& session, const ProvedOutcome& outcome) {
    const auto& entry = outcome.entry;
    std::string text = "Entry " + to_hex(bytes_of(entry.id())) + "\n  Block " +
                       std::to_string(entry.height()) + ", " + rfc3339(entry.time()) + "\n  ";
    if (outcome.envelope) {
        Facts facts;
        must(gather_facts(outcome.envelope->body, session.fetcher(), facts));
        text += sentence_of(outcome.envelope->body, facts);
    } else if (entry.outcome().has_due()) {
        text += due_in_words(entry.outcome().due());
    }
    if (entry.outcome().status() == pb::STATUS_REFUSED) {
        const auto refusal = refusal_from(entry.outcome().refusal());
        text += "\n  Refused: " +
                (refusal ? std::string{refusal_sentence(*refusal)} : "unknown reason");
    } else {
        text += "\n  Done.";
    }
    for (const auto& movement : entry.outcome().movements())
        text += "\n  " + shown(movement_in_words(movement));
    return text + "\n";
}

int show_entry(Session& session, const std::string& typed) {
    const auto id = EnvelopeId::from(must(hash_from_text(typed)));
    const auto answer = must(session.node().get("/v1/envelopes/" + to_hex(id->view())));
    if (!session.has_trust()) {
        session.print(answer, answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
        Session::say("This is the node's word: the profile has no trust file to prove it with.");
        return 0;
    }
    const auto proved = must(session.prover().outcome(*id));
    auto json = answer;
    json["proved"] = true;
    session.print(json, entry_text(session, std::get<ProvedOutcome>(proved.receipt.statement)));
    return 0;
}

}  // namespace

void add_ledger_commands(CLI::App& app, Session& session) {
    auto& ledger = add_noun(app, "ledger", "The ledger as a whole");
    add_verb(ledger, "show", "Name, head, authorities and supply", session,
             [&session] { return show_ledger(session); });

    add_verb(ledger, "follow", "Prove the newest block, from every node of the profile", session,
             [&session] { return follow_ledger(session); });
    add_verb(ledger, "evidence", "Contradictions that this wallet has kept, and who signed both",
             session, [&session] { return show_evidence(session); });

    const auto account = std::make_shared<std::string>();
    add_verb(app, "queue", "What waits for you, since when", session, [&session, account] {
        return queue(session, *account);
    }).add_option("account", *account, "Whose; the profile's own if left out");

    auto& entry = add_noun(app, "entry", "Entries of the log");
    const auto id = std::make_shared<std::string>();
    add_verb(entry, "show", "What an entry says, proved where there is a trust file", session,
             [&session, id] { return show_entry(session, *id); })
        .add_option("id", *id, "Id of the envelope or due item")
        ->required();
}

}  // namespace tallystick::wallet
