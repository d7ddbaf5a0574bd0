// tally envelope resume | list
#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

int list(Session& session) {
    auto entries = must(session.journal().pending());
    for (auto& entry : must(session.journal().finished())) entries.push_back(std::move(entry));
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const auto& entry : entries) {
        const auto id = to_hex(entry.id.view());
        rows.push_back({id.substr(0, 8), rfc3339(entry.created),
                        std::string{journal_status_name(entry.status)}, entry.code,
                        entry.sentence});
        items.push_back({{"id", id},
                         {"ledger_id", entry.ledger},
                         {"account", entry.account},
                         {"status", journal_status_name(entry.status)},
                         {"code", entry.code},
                         {"created", entry.created},
                         {"valid_until", entry.valid_until},
                         {"sentence", entry.sentence}});
    }
    session.print({{"items", items}},
                  table_text({{"id"}, {"signed"}, {"status"}, {"code"}, {"what"}}, rows));
    return 0;
}

int resume_all(Session& session) {
    const auto known = resume(session);
    const auto ledger = to_hex(session.ledger_id().view());
    std::size_t open = 0;
    for (const auto& entry : must(session.journal().pending()))
        if (entry.ledger == ledger) ++open;
    session.print(
        {{"became_known", known}, {"still_pending", open}},
        std::to_string(known) + " became known, " + std::to_string(open) + " still pending\n");
    return open == 0 ? 0 : static_cast<int>(Exit::no_node);
}

}  // namespace

void add_envelope_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "envelope", "What this wallet signed, and what became of it");
    add_verb(noun, "resume", "Send again what has no outcome yet; nothing is done twice", session,
             [&session] { return resume_all(session); });
    add_verb(noun, "list", "What this wallet signed", session,
             [&session] { return list(session); });
}

}  // namespace tallystick::wallet
