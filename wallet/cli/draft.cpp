// tally draft show | approve | return | send
#include "wallet/cli/commands.hpp"
#include "wallet/core/approvals.hpp"
#include "wallet/core/sentence.hpp"

namespace tallystick::wallet {

namespace {

/// A draft with what the ledger says about it.
struct Read {
    HalfSigned draft;
    Facts facts;
    std::string sentence;
};

std::string note_path(const std::string& path) {
    return path + ".returned";
}

/// Reads a draft and says what it asks for, and whether a colleague returned it.
Read read_draft(Session& session, const std::string& path) {
    Read read{must(parse_draft(must(read_file(path, draft_file_bytes_max)))), {}, ""};
    if (read.draft.body.ledger_id() != session.ledger_id().text())
        throw Stop{
            {Exit::failed, "other_ledger", "This draft is for another ledger than the profile's."}};
    must(gather_facts(read.draft.body, session.fetcher(), read.facts));
    read.sentence = sentence_of(read.draft.body, read.facts);
    Session::say(read.sentence);
    if (const auto note = read_file(note_path(path), 65536); note) {
        const auto json = Json::parse(*note, nullptr, false);
        if (json.is_object())
            Session::say("A colleague returned it: " + shown(json_text(json, "/reason")));
    }
    return read;
}

int show(Session& session, const std::string& path) {
    const auto read = read_draft(session, path);
    const auto approvals = approvals_of(read.draft, read.facts);
    Json signers = Json::array();
    std::string text = "Draft " + to_hex(read.draft.id().view()) + "\n" + read.sentence +
                       "\nCan be taken until " + time_text(read.draft.body.valid_until()) + "\n";
    for (const auto& key : read.draft.signers()) {
        signers.push_back(to_hex(bytes_of(key)));
        text += "Signed by " + to_hex(bytes_of(key)) + "\n";
    }
    const bool complete = all_satisfied(approvals);
    text += complete ? "Everybody who must has signed.\n"
                     : "Still to sign:\n" + missing_text(approvals);
    session.print({{"id", to_hex(read.draft.id().view())},
                   {"account", read.draft.body.account()},
                   {"action", action_title(read.draft.body)},
                   {"sentence", read.sentence},
                   {"valid_until", read.draft.body.valid_until()},
                   {"signed_by", signers},
                   {"complete", complete}},
                  text);
    return 0;
}

int approve(Session& session, const std::string& path) {
    auto read = read_draft(session, path);
    if (session.options.dry_run) {
        session.print({{"dry_run", true}, {"sentence", read.sentence}}, "Nothing was signed.\n");
        return 0;
    }
    const auto sealed = must(session.keystore().find(session.key_name()));
    const auto key = sealed.info.public_key.str();
    bool may_sign = false;
    for (const auto& approval : approvals_of(read.draft, read.facts)) {
        for (const auto& open : approval.not_yet) may_sign = may_sign || open == key;
    }
    if (!may_sign)
        throw Stop{{Exit::locked, "not_a_signer",
                    "The key " + sealed.info.name +
                        " has signed this draft already, or is in no policy that counts for it."}};
    if (!session.agreed("Sign this?"))
        throw Stop{{Exit::cancelled, "cancelled", "Cancelled; nothing was signed."}};
    must(add_signature(read.draft, session.unlock()));
    must(remove_file(note_path(path)));
    // On the disk before it is sent: a signature is not lost with the connection.
    must(write_atomically(path, draft_file(read.draft), Access::everyone));
    return send_if_complete(session, read.draft, read.facts, read.sentence, path);
}

int send_back(Session& session, const std::string& path, const std::string& reason) {
    const auto read = read_draft(session, path);
    const Json note{{"format", "tallystick-returned-1"},
                    {"id", to_hex(read.draft.id().view())},
                    {"reason", reason},
                    {"time", Session::now()}};
    must(write_atomically(note_path(path),
                          note.dump(2, ' ', false, Json::error_handler_t::replace) + "\n",
                          Access::everyone));
    session.print({{"result", "returned"}, {"note", note_path(path)}},
                  "Returned unsigned. Send both files back: " + shown(path) + " and " +
                      shown(note_path(path)) + "\n");
    return 0;
}

int send(Session& session, const std::string& path) {
    const auto read = read_draft(session, path);
    return send_if_complete(session, read.draft, read.facts, read.sentence, path);
}

}  // namespace

void add_draft_commands(CLI::App& app, Session& session) {
    auto& noun =
        add_noun(app, "draft", "Half-signed envelopes (--draft FILE on every action makes one)");
    const auto add = [&](const char* name, const char* text,
                         int (*run)(Session&, const std::string&)) {
        const auto path = std::make_shared<std::string>();
        add_verb(noun, name, text, session, [&session, path, run] { return run(session, *path); })
            .add_option("file", *path, "The draft")
            ->required();
    };
    add("show", "What a draft asks for, who signed and who must", &show);
    add("approve", "Add your signature; send it when it was the last", &approve);
    add("send", "Send a draft that everybody has signed", &send);

    struct ReturnInput {
        std::string path;
        std::string reason;
    };
    const auto returning = std::make_shared<ReturnInput>();
    auto& returns = add_verb(
        noun, "return", "Give a draft back with a reason", session,
        [&session, returning] { return send_back(session, returning->path, returning->reason); });
    returns.add_option("file", returning->path, "The draft")->required();
    returns.add_option("--reason", returning->reason, "Why")->required();
}

}  // namespace tallystick::wallet
