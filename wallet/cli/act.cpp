#include "wallet/cli/act.hpp"

#include <algorithm>
#include <span>

#include "protocol/canonical.hpp"
#include "protocol/receipt_words.hpp"
#include "protocol/refusal.hpp"
#include "wallet/core/approvals.hpp"
#include "wallet/core/network_words.hpp"
#include "wallet/core/sentence.hpp"
#include "wallet/core/table.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::uint64_t day = 86400;

int dry_run(Session& session, const pb::Body& body, const std::string& sentence) {
    Session::say(sentence);
    auto answer = must(session.node().dry_run("body", canonical_bytes(body)));
    const auto result = answer["result"].get<std::string>();
    const auto code = shown(json_text(answer, "/code"));
    std::string text = "The ledger would say: " + shown(result);
    if (!code.empty()) text += " (" + code + "): " + shown(json_text(answer, "/detail"));
    Json json{{"dry_run", true}, {"sentence", sentence}};
    json.update(answer);
    session.print(json, text + "\n");
    if (result == "done") return static_cast<int>(Exit::done);
    return static_cast<int>(result == "refused" ? Exit::refused : Exit::failed);
}

/// The sentence of a reason for which nothing entered the log.
std::string skip_words(const std::string& code) {
    for (const auto skip :
         {Skip::id_used, Skip::expired, Skip::too_distant, Skip::wrong_ledger, Skip::not_authorised,
          Skip::deadline_pending, Skip::refusal_limit, Skip::unknown_node, Skip::handed_over}) {
        if (skip_name(skip) == code) return std::string{skip_sentence(skip)};
    }
    return "Nothing changed.";
}

/// What to do with an envelope of which the outcome is open.
std::string kept_words() {
    return " What you signed is kept. Sending it again, to this node or to another, does nothing "
           "twice: tally envelope resume [--node URL].";
}

bool is_open(pb::SubmitState state) {
    return state == pb::SUBMIT_STATE_PENDING || state == pb::SUBMIT_STATE_BUSY ||
           state == pb::SUBMIT_STATE_UNAVAILABLE || state == pb::SUBMIT_STATE_UNSPECIFIED;
}

/// A receipt of what was just done, kept beside the journal.
void keep_receipt(Session& session, const Delivered& delivered) {
    if (!session.has_trust()) {
        Session::say("This is the node's word: the profile has no trust file to prove it with.");
        return;
    }
    const auto proved = must(session.prover().outcome(delivered.id));
    const auto receipts = session.folder() / "receipts";
    must(make_private_folder(receipts));
    const auto path = receipts / (to_hex(delivered.id.view()) + ".tally");
    must(write_atomically(path, proved.file, Access::owner_only));
    Session::say("Proved by the authorities' signatures; receipt: " + shown(path.string()));
}

JournalEntry journal_entry(Session& session, const HalfSigned& draft, const std::string& sentence) {
    return {draft.id(),
            to_hex(session.ledger_id().view()),
            draft.body.account(),
            sentence,
            envelope_bytes(draft),
            draft.body.valid_until(),
            Session::now(),
            JournalStatus::pending,
            ""};
}

Delivered delivered_from(const JournalEntry& entry, const pb::SubmitResult& result) {
    Delivered delivered{entry.id, result.state(), result.code(), result.first_outcome(), {}};
    if (!result.entry().empty())
        delivered.entry = decode_canonical_as<pb::LogEntry>(result.entry());
    const auto is_name = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    if (!std::ranges::all_of(delivered.code, is_name)) delivered.code = "bad_answer";
    return delivered;
}

/// Notes in the journal what became of an entry; what is still open stays pending.
void note(Session& session, const JournalEntry& entry, const Delivered& delivered) {
    const auto finish = [&](JournalStatus status) {
        must(session.journal().finish(entry, status, delivered.code));
    };
    switch (delivered.state) {
        case pb::SUBMIT_STATE_DONE: return finish(JournalStatus::done);
        case pb::SUBMIT_STATE_REFUSED: return finish(JournalStatus::refused);
        case pb::SUBMIT_STATE_MALFORMED: return finish(JournalStatus::malformed);
        case pb::SUBMIT_STATE_SKIPPED:
            // These pass by themselves: the same bytes may be taken later.
            if (delivered.code == skip_name(Skip::deadline_pending) ||
                delivered.code == skip_name(Skip::refusal_limit)) {
                return;
            }
            return finish(delivered.code == skip_name(Skip::expired) ? JournalStatus::expired
                                                                     : JournalStatus::skipped);
        case pb::SUBMIT_STATE_PENDING:
        case pb::SUBMIT_STATE_BUSY:
        case pb::SUBMIT_STATE_UNAVAILABLE:
        case pb::SUBMIT_STATE_UNSPECIFIED:
        case pb::SubmitState_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::SubmitState_INT_MAX_SENTINEL_DO_NOT_USE_: return;
    }
}

std::string_view state_name(pb::SubmitState state) {
    switch (state) {
        case pb::SUBMIT_STATE_DONE: return "done";
        case pb::SUBMIT_STATE_REFUSED: return "refused";
        case pb::SUBMIT_STATE_SKIPPED: return "skipped";
        case pb::SUBMIT_STATE_MALFORMED: return "malformed";
        case pb::SUBMIT_STATE_PENDING: return "pending";
        case pb::SUBMIT_STATE_BUSY: return "busy";
        case pb::SUBMIT_STATE_UNAVAILABLE: return "unavailable";
        case pb::SUBMIT_STATE_UNSPECIFIED:
        case pb::SubmitState_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::SubmitState_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return "unknown";
}

int wait_for_others(Session& session, const HalfSigned& draft,
                    const std::vector<Approval>& approvals, const std::string& sentence,
                    std::string path) {
    if (path.empty()) path = "tally-" + to_hex(draft.id().view()).substr(0, 12) + ".draft";
    must(write_atomically(path, draft_file(draft), Access::everyone));
    const bool complete = all_satisfied(approvals);
    Json missing = Json::array();
    for (const auto& approval : approvals) {
        if (approval.satisfied()) continue;
        Json keys = Json::array();
        for (const auto& key : approval.not_yet) keys.push_back(to_hex(bytes_of(key)));
        missing.push_back({{"account", approval.account},
                           {"have", approval.have},
                           {"needed", approval.needed},
                           {"can_sign", keys}});
    }
    const auto safe_path = shown(path);
    auto text = "Draft: " + safe_path + "\n";
    text += complete
                ? "Everybody who must has signed. Send it: tally draft send " + safe_path + "\n"
                : "Still to sign:\n" + missing_text(approvals) +
                      "Give them the file; they run: tally draft approve " + safe_path + "\n";
    session.print({{"result", complete ? "complete" : "waiting"},
                   {"id", to_hex(draft.id().view())},
                   {"draft", path},
                   {"sentence", sentence},
                   {"missing", missing}},
                  text);
    return static_cast<int>(complete ? Exit::done : Exit::waiting);
}

/// Refuses to sign for nobody: the key is in no policy that counts here.
void check_signer(Session& session, const pb::Body& body, const Facts& facts,
                  const PublicKey& key) {
    std::vector<std::string> accounts{body.account()};
    accounts.insert(accounts.end(), body.co_signers().begin(), body.co_signers().end());
    bool known = false;
    for (const auto& account : accounts) {
        const auto record = facts.get(account_key(account));
        known = known || record.has_value();
        if (record &&
            std::ranges::find(record->policy().keys(), key.str()) != record->policy().keys().end())
            return;
    }
    throw Stop{{Exit::locked, known ? "not_a_signer" : "unknown_account",
                known ? "The key " + session.key_name() + " may not sign for " +
                            shown(body.account()) +
                            ": it is not in its policy. Choose another with --key."
                      : "The ledger knows no account " + shown(body.account()) +
                            ". An authority registers it first."}};
}

/// Hands one batch to the profile's nodes, one after the other, until each outcome is known: a node
/// may be gone, full, behind, or lose what it took. The same bytes take effect at most once.
std::vector<Delivered> deliver_batch(Session& session, std::span<const JournalEntry> entries) {
    std::vector<Delivered> all;
    std::vector<std::size_t> open;
    for (const auto& entry : entries) {
        open.push_back(all.size());
        all.push_back({entry.id, pb::SUBMIT_STATE_UNSPECIFIED, "", false, {}});
    }
    std::optional<Problem> nobody;
    bool answered = false;
    for (const auto& node : session.nodes()) {
        if (open.empty()) break;
        std::vector<std::string> envelopes;
        for (const auto at : open) envelopes.push_back(entries[at].envelope);
        const auto answer = node.submit(envelopes);
        if (!answer && answer.error().exit != Exit::no_node) throw Stop{answer.error()};
        if (!answer) {
            if (session.nodes().size() > 1) Session::say(answer.error().message);
            if (!nobody) nobody = answer.error();
            continue;
        }
        answered = true;
        std::vector<std::size_t> still_open;
        for (std::size_t i = 0; i < open.size(); ++i) {
            const auto& entry = entries[open[i]];
            auto& delivered = all[open[i]];
            delivered = delivered_from(entry, answer->results(static_cast<int>(i)));
            note(session, entry, delivered);
            if (is_open(delivered.state)) still_open.push_back(open[i]);
        }
        open = std::move(still_open);
    }
    if (!answered && nobody) {
        // How old is what such a node shows, and when does it go on?
        if (nobody->code == "no_progress")
            if (const auto ledger = session.node().get("/v1/ledger")) nobody = why_pending(*ledger);
        throw Stop{{Exit::no_node, nobody->code, nobody->message + kept_words()}};
    }
    return all;
}

}  // namespace

pb::Body new_body(Session& session) {
    const auto valid_for = session.options.valid_for.empty()
                               ? (session.options.draft.empty() ? day : 14 * day)
                               : must(duration_from_text(session.options.valid_for));
    if (valid_for == 0 || valid_for > validity_seconds_max - 60)
        throw Stop{{Exit::usage, "bad_duration", "--valid-for is at least 1s and less than 30d."}};
    pb::Body body;
    body.set_ledger_id(session.ledger_id().str());
    body.set_account(session.account());
    body.set_nonce(random_string(nonce_bytes));
    body.set_valid_until(Session::now() + valid_for);
    return body;
}

void add_co_signers(pb::Body& body, std::vector<std::string> accounts) {
    for (auto& account : accounts) account = must(account_from_text(account));
    accounts.insert(accounts.end(), body.co_signers().begin(), body.co_signers().end());
    std::ranges::sort(accounts);
    const auto repeated = std::ranges::unique(accounts);
    accounts.erase(repeated.begin(), repeated.end());
    body.clear_co_signers();
    for (const auto& account : accounts) {
        if (account != body.account()) body.add_co_signers(account);
    }
}

int act(Session& session, const pb::Body& body) {
    if (!session.options.dry_run) resume(session);
    Facts facts;
    must(gather_facts(body, session.fetcher(), facts));
    const auto sentence = sentence_of(body, facts);
    if (session.options.dry_run) return dry_run(session, body, sentence);
    Session::say(sentence);
    const auto sealed = must(session.keystore().find(session.key_name()));
    check_signer(session, body, facts, sealed.info.public_key);
    if (!session.agreed("Sign this?"))
        throw Stop{{Exit::cancelled, "cancelled", "Cancelled; nothing was signed."}};
    auto draft = unsigned_draft(body);
    must(add_signature(draft, session.unlock()));
    if (!session.options.draft.empty())
        return wait_for_others(session, draft, approvals_of(draft, facts), sentence,
                               session.options.draft);
    return send_if_complete(session, draft, facts, sentence, "");
}

int send_if_complete(Session& session, const HalfSigned& draft, const Facts& facts,
                     const std::string& sentence, const std::string& draft_path) {
    const auto approvals = approvals_of(draft, facts);
    if (!all_satisfied(approvals))
        return wait_for_others(session, draft, approvals, sentence, draft_path);
    const auto delivered = deliver(session, {journal_entry(session, draft, sentence)}).front();
    stop_unless_done(session, delivered);
    Json json = delivered_json(delivered);
    json["sentence"] = sentence;
    session.print(json, delivered_text(delivered));
    keep_receipt(session, delivered);
    return static_cast<int>(Exit::done);
}

std::vector<Delivered> deliver(Session& session, const std::vector<JournalEntry>& entries) {
    constexpr std::size_t batch_envelopes = 256;
    for (const auto& entry : entries) must(session.journal().begin(entry));
    std::vector<Delivered> all;
    for (std::size_t first = 0; first < entries.size();) {
        auto end = first;
        std::size_t bytes = 0;
        // A request holds at most 4 MiB; an envelope at most 128 KiB.
        while (end < entries.size() && end - first < batch_envelopes && bytes < 3U * 1024U * 1024U)
            bytes += entries[end++].envelope.size();
        for (auto& delivered :
             deliver_batch(session, std::span{entries}.subspan(first, end - first)))
            all.push_back(std::move(delivered));
        first = end;
    }
    return all;
}

std::size_t resume(Session& session) {
    const auto ledger = to_hex(session.ledger_id().view());
    auto pending = must(session.journal().pending());
    std::erase_if(pending, [&](const JournalEntry& entry) { return entry.ledger != ledger; });
    std::size_t known = 0;
    const auto outcomes = deliver(session, pending);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (!is_open(outcomes[i].state)) ++known;
        Session::say("From before: " + pending[i].sentence + "\n  " + delivered_text(outcomes[i]));
    }
    return known;
}

/// `available`, as the API writes it.
static std::string pocket_name(pb::Pocket pocket) {
    constexpr std::string_view prefix = "POCKET_";
    std::string name{pb::Pocket_Name(pocket).substr(prefix.size())};
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return name;
}

Json delivered_json(const Delivered& delivered) {
    Json json{{"result", state_name(delivered.state)}, {"id", to_hex(delivered.id.view())}};
    if (!delivered.code.empty()) json["code"] = delivered.code;
    if (delivered.first_outcome) json["first_outcome"] = true;
    if (!delivered.entry) return json;
    json["height"] = delivered.entry->height();
    json["time"] = delivered.entry->time();
    Json movements = Json::array();
    for (const auto& movement : delivered.entry->outcome().movements()) {
        movements.push_back({{"contract", contract_json(movement.claim().contract())},
                             {"supplier", movement.claim().supplier()},
                             {"from_account", movement.from_account()},
                             {"from", pocket_name(movement.from())},
                             {"to_account", movement.to_account()},
                             {"to", pocket_name(movement.to())},
                             {"amount", std::to_string(movement.amount())}});
    }
    json["movements"] = movements;
    return json;
}

std::string delivered_text(const Delivered& delivered) {
    auto text = std::string{state_name(delivered.state)} + " " + to_hex(delivered.id.view());
    if (!delivered.code.empty()) text += " (" + delivered.code + ")";
    if (delivered.first_outcome) text += ": sent before, this is its first outcome";
    text += "\n";
    if (!delivered.entry) return text;
    for (const auto& movement : delivered.entry->outcome().movements())
        text += "  " + shown(movement_in_words(movement)) + "\n";
    return text;
}

void stop_unless_done(Session& session, const Delivered& delivered) {
    const auto id = " Its id is " + to_hex(delivered.id.view()) + ".";
    switch (delivered.state) {
        case pb::SUBMIT_STATE_DONE: return;
        case pb::SUBMIT_STATE_REFUSED: {
            const auto refusal =
                delivered.entry ? refusal_from(delivered.entry->outcome().refusal()) : std::nullopt;
            throw Stop{{Exit::refused, delivered.code,
                        "The ledger refused: " +
                            (refusal ? std::string{refusal_sentence(*refusal)} : delivered.code) +
                            id}};
        }
        case pb::SUBMIT_STATE_SKIPPED: {
            const bool locked = delivered.code == skip_name(Skip::not_authorised);
            throw Stop{{locked ? Exit::locked : Exit::failed, delivered.code,
                        "Not taken: " + skip_words(delivered.code) + id}};
        }
        case pb::SUBMIT_STATE_MALFORMED:
            throw Stop{{Exit::failed, delivered.code,
                        "The node says that this is no well-formed envelope (" + delivered.code +
                            "). Look at the values that you gave."}};
        case pb::SUBMIT_STATE_PENDING:
        case pb::SUBMIT_STATE_BUSY:
        case pb::SUBMIT_STATE_UNAVAILABLE:
        case pb::SUBMIT_STATE_UNSPECIFIED:
        case pb::SubmitState_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::SubmitState_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    const auto ledger = session.node().get("/v1/ledger");
    auto why = why_pending(ledger ? *ledger : Json::object());
    why.message += kept_words() + id;
    throw Stop{std::move(why)};
}

std::string resolve_id(Session& session, const std::string& typed, const std::string& list,
                       const Query& query) {
    if (typed.size() == 64) return must(hash_from_text(typed));
    const bool prefix = typed.size() >= 8 && typed.size() < 64 &&
                        typed.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!prefix)
        throw Stop{
            {Exit::usage, "bad_id",
             "\"" + shown(typed) +
                 "\" is not an id: 64 hexadecimal digits, or at least the first 8 of them."}};
    const auto items = must(session.node().list(list, query));
    std::string found;
    for (const auto& item : items["items"]) {
        const auto id = json_text(item, "/id");
        if (!id.starts_with(typed) || id == found) continue;
        if (!found.empty())
            throw Stop{{Exit::usage, "ambiguous_id",
                        "More than one id begins with " + typed + ". Give more of it."}};
        found = id;
    }
    if (found.empty())
        throw Stop{
            {Exit::failed, "unknown_id", "The node lists no id that begins with " + typed + "."}};
    return must(hash_from_text(found));
}

}  // namespace tallystick::wallet
