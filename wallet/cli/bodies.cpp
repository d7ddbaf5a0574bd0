// tally bodies show | send
#include <map>

#include "protocol/canonical.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/core/approvals.hpp"
#include "wallet/core/sentence.hpp"

namespace tallystick::wallet {

namespace {

/// A prepared body, complete, with the row that it came from.
struct Row {
    std::uint64_t number = 0;
    pb::Body body;
    std::string sentence;
};

std::vector<Row> read_rows(Session& session, const std::string& path, Facts& facts) {
    const auto prepared = must(parse_bodies(must(read_file(path, bodies_file_bytes_max))));
    const auto ledger = session.ledger_id();
    if (!prepared.ledger_id().empty() && prepared.ledger_id() != ledger.text())
        throw Stop{{Exit::failed, "other_ledger",
                    "These bodies are for another ledger than the profile's."}};
    std::vector<Row> rows;
    const auto frame = new_body(session);
    for (const auto& one : prepared.bodies()) {
        Row row{one.row(), *decode_canonical_as<pb::Body>(one.body()), ""};
        if (!row.body.ledger_id().empty() && row.body.ledger_id() != ledger.text())
            throw Stop{
                {Exit::failed, "other_ledger",
                 "The body of row " + std::to_string(row.number) + " is for another ledger."}};
        row.body.set_ledger_id(ledger.str());
        row.body.set_nonce(random_string(nonce_bytes));
        row.body.set_valid_until(frame.valid_until());
        must(gather_facts(row.body, session.fetcher(), facts));
        row.sentence = sentence_of(row.body, facts);
        rows.push_back(std::move(row));
    }
    return rows;
}

int show(Session& session, const std::string& path) {
    Facts facts;
    const auto rows = read_rows(session, path, facts);
    Json items = Json::array();
    std::string text;
    for (const auto& row : rows) {
        items.push_back({{"row", row.number},
                         {"account", row.body.account()},
                         {"action", action_title(row.body)},
                         {"sentence", row.sentence}});
        text += "Row " + std::to_string(row.number) + ": " + row.sentence + "\n";
    }
    session.print({{"items", items}}, text + std::to_string(rows.size()) + " bodies\n");
    return 0;
}

int preview(Session& session, const std::vector<Row>& rows) {
    Json items = Json::array();
    std::string text;
    for (const auto& row : rows) {
        const auto answer = must(session.node().dry_run("body", canonical_bytes(row.body)));
        items.push_back({{"row", row.number}, {"answer", answer}});
        text += "Row " + std::to_string(row.number) + ": " + shown(json_text(answer, "/result")) +
                " " + shown(json_text(answer, "/code")) + "\n";
    }
    session.print({{"dry_run", true}, {"items", items}}, text);
    return 0;
}

JournalEntry signed_entry(Session& session, const Row& row, const SigningKey& key,
                          const Facts& facts) {
    auto draft = unsigned_draft(row.body);
    must(add_signature(draft, key));
    const auto approvals = approvals_of(draft, facts);
    if (!all_satisfied(approvals))
        throw Stop{
            {Exit::locked, "not_authorised",
             "Row " + std::to_string(row.number) +
                 " needs more signatures than this key's; prepared bodies are sent by one who "
                 "signs alone:\n" +
                 missing_text(approvals)}};
    return {draft.id(),
            to_hex(session.ledger_id().view()),
            row.body.account(),
            row.sentence,
            envelope_bytes(draft),
            row.body.valid_until(),
            Session::now(),
            JournalStatus::pending,
            ""};
}

/// An organisation's keys are not known to an importer: those bodies need their owners' proofs.
void check_sendable(const std::vector<Row>& rows, const std::string& path) {
    for (const auto& row : rows) {
        if (!row.body.has_register_() || row.body.register_().proofs_size() > 0) continue;
        const auto handle = shown(row.body.register_().handle());
        throw Stop{
            {Exit::usage, "keys_needed",
             "Row " + std::to_string(row.number) + " registers " + handle +
                 ", whose keys are not known here. Let its people run: tally key proof --account " +
                 handle + ", then run: tally account register " + handle + " --prepared " + path +
                 " --proof FILE"}};
    }
}

int send(Session& session, const std::string& path) {
    if (!session.options.dry_run) resume(session);
    Facts facts;
    const auto rows = read_rows(session, path, facts);
    check_sendable(rows, path);
    if (session.options.dry_run) return preview(session, rows);
    for (const auto& row : rows)
        Session::say("Row " + std::to_string(row.number) + ": " + row.sentence);
    if (!session.agreed("Sign and send these " + std::to_string(rows.size()) + "?"))
        throw Stop{{Exit::cancelled, "cancelled", "Cancelled; nothing was signed."}};
    const auto key = session.unlock();
    std::vector<JournalEntry> entries;
    for (const auto& row : rows) entries.push_back(signed_entry(session, row, key, facts));
    const auto outcomes = deliver(session, entries);
    Json items = Json::array();
    std::map<std::string, std::size_t> counts;
    std::string text;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        auto json = delivered_json(outcomes[i]);
        ++counts[json["result"].get<std::string>()];
        json["row"] = rows[i].number;
        items.push_back(json);
        if (outcomes[i].state != pb::SUBMIT_STATE_DONE)
            text += "Row " + std::to_string(rows[i].number) + ": " + delivered_text(outcomes[i]);
    }
    for (const auto& [result, count] : counts) text += result + ": " + std::to_string(count) + "\n";
    session.print({{"items", items}, {"counts", counts}}, text);
    if (counts["done"] == outcomes.size()) return 0;
    return static_cast<int>(counts["pending"] + counts["busy"] > 0 ? Exit::no_node : Exit::refused);
}

}  // namespace

void add_bodies_commands(CLI::App& app, Session& session) {
    auto& noun =
        add_noun(app, "bodies", "What an importer prepared, to be looked at, signed and sent");
    const auto add = [&](const char* name, const char* text,
                         int (*run)(Session&, const std::string&)) {
        const auto path = std::make_shared<std::string>();
        add_verb(noun, name, text, session, [&session, path, run] { return run(session, *path); })
            .add_option("file", *path, "File of prepared bodies")
            ->required();
    };
    add("show", "Say what each body asks for", &show);
    add("send", "Sign and send them all", &send);
}

}  // namespace tallystick::wallet
