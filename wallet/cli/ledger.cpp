// tally ledger show | queue | entry show
#include "protocol/canonical.hpp"
#include "protocol/receipt_words.hpp"
#include "protocol/refusal.hpp"
#include "wallet/cli/commands.hpp"
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
    text += "\n\nSupply over all contracts, in credits\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto* pocket : {"awarded", "issued", "available", "reserved", "disputed",
                               "confirmed", "retired", "expired", "returned"})
        rows.push_back({pocket, json_credits(answer, std::string{"/supply/"} + pocket)});
    session.print(answer, text + table_text({{"pocket"}, {"credits", true}}, rows));
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
        {{"task"}, {"since"}, {"until"}, {"contract"}, {"with"}, {"units"}, {"id"}, {"line", true}},
        [&account](const Json& item) {
            const auto supplier = json_text(item, "/supplier");
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
