// tally key create | recover | list | show | proof | passphrase
#include <array>

#include "protocol/envelope.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/core/qr.hpp"
#include "wallet/core/recovery_sheet.hpp"
#include "wallet/core/secrets.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::size_t sheet_bytes_max = 65536;

SecretBytes new_passphrase(Session& session) {
    auto first = session.passphrase("New passphrase (at least 8 characters): ");
    if (first.size() < new_passphrase_bytes_min)
        throw Stop{
            {Exit::usage, "passphrase_too_short", "A new passphrase has at least 8 characters."}};
    if (session.options.passphrase_file.empty() &&
        !equal_secrets(first, session.passphrase("The same again: "))) {
        throw Stop{{Exit::usage, "passphrases_differ",
                    "The two passphrases differ. Nothing was written."}};
    }
    return first;
}

/// Asks for two groups of the sheet: whoever has not written it down finds out now, not in two
/// years.
void test_sheet(const Session& session, const std::array<std::string, recovery_groups>& groups) {
    std::uint8_t random = 0;
    random_bytes(&random, 1);
    const std::size_t first = random % recovery_groups;
    const std::size_t second = (first + 1 + random / recovery_groups) % recovery_groups;
    for (const auto at : {first, second}) {
        const auto place = "Line " + std::to_string(at / 4 + 1) + ", group " +
                           std::to_string(at % 4 + 1) + " of the sheet: ";
        while (true) {
            const auto answer = session.ask(place);
            if (!answer)
                throw Stop{
                    {Exit::cancelled, "cancelled", "The sheet was not tested; no key was made."}};
            std::string typed;
            for (char c : *answer) {
                if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
                if (c == 'O') c = '0';
                if (c == 'I' || c == 'L') c = '1';
                if (c != ' ') typed.push_back(c);
            }
            if (typed == groups[at]) break;
            Session::say("That is not what the sheet has there. Look again.");
        }
    }
}

void show_sheet(const SigningKey& key, const std::string& name) {
    Session::say(recovery_sheet(key, name));
    const auto seed = key.seed();
    std::string payload = "TALLYSTICK-RECOVERY-1:";
    for (const auto& group : recovery_groups_of(seed.view())) payload += group;
    if (const auto code = qr_code(payload)) Session::say(*code);
}

void print_key(Session& session, const std::string& name, const PublicKey& key) {
    session.print({{"name", name}, {"public_key", to_hex(key.view())}},
                  "Key " + name + "\nPublic key " + to_hex(key.view()) + "\n");
}

void write_key(Session& session, const SigningKey& key, const std::string& name) {
    const auto content =
        must(seal_key(key, name, new_passphrase(session), new_passphrase_parameters()));
    must(session.keystore().add(name, content));
}

void check_free(Session& session, const std::string& name) {
    if (!is_key_name(name))
        throw Stop{{Exit::usage, "bad_key_name",
                    "A key's name has 1 to 40 lower-case letters, digits and -."}};
    if (fs::exists(session.keystore().path_of(name)))
        throw Stop{{Exit::failed, "file_exists",
                    "There is a key " + name + " already; it stays as it is."}};
}

struct CreateInput {
    std::string name;
    std::string recovery_file;
};

int create(Session& session, const CreateInput& input) {
    check_free(session, input.name);
    if (session.options.no_input && input.recovery_file.empty())
        throw Stop{{Exit::usage, "needs_input",
                    "A key without a tested recovery sheet is one mishap from being lost. With "
                    "--no-input give --recovery-file PATH, and print that file."}};
    const auto key = SigningKey::generate();
    if (!input.recovery_file.empty()) {
        must(write_new_file(input.recovery_file, recovery_sheet(key, input.name),
                            Access::owner_only));
        Session::say("Print " + shown(input.recovery_file) + ", then delete it.");
    }
    if (!session.options.no_input) {
        if (input.recovery_file.empty()) show_sheet(key, input.name);
        const auto seed = key.seed();
        test_sheet(session, recovery_groups_of(seed.view()));
    }
    write_key(session, key, input.name);
    print_key(session, input.name, key.public_key());
    return 0;
}

int recover(Session& session, const CreateInput& input) {
    check_free(session, input.name);
    std::string typed;
    if (!input.recovery_file.empty()) {
        must(check_private(input.recovery_file));
        typed = groups_in_sheet(must(read_file(input.recovery_file, sheet_bytes_max)));
    } else {
        for (int line = 1; line <= 6; ++line) {
            const auto answer = session.ask("Line " + std::to_string(line) + ": ");
            if (!answer) throw Stop{{Exit::cancelled, "cancelled", "Cancelled; no key was made."}};
            typed += *answer + "\n";
        }
    }
    const auto key = must(key_from_groups(typed));
    write_key(session, key, input.name);
    print_key(session, input.name, key.public_key());
    return 0;
}

int list(Session& session) {
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const auto& name : session.keystore().names()) {
        const auto key = must(session.keystore().find(name));
        const auto hex = to_hex(key.info.public_key.view());
        items.push_back({{"name", name}, {"public_key", hex}});
        rows.push_back({name, hex});
    }
    session.print({{"items", items}}, table_text({{"key"}, {"public key"}}, rows));
    return 0;
}

struct ProofInput {
    std::string account;
    std::string ledger;
};

int proof(Session& session, const ProofInput& input) {
    const auto account =
        input.account.empty() ? session.account() : must(account_from_text(input.account));
    const auto ledger = input.ledger.empty() ? session.ledger_id()
                                             : *LedgerId::from(must(hash_from_text(input.ledger)));
    const auto key = session.unlock();
    const auto message = key_proof_message(ledger, account, key.public_key().text());
    const Json json{{"account", account},
                    {"ledger_id", to_hex(ledger.view())},
                    {"public_key", to_hex(key.public_key().view())},
                    {"signature", to_hex(key.sign(bytes_of(message)).view())}};
    Json versioned{{"version", 1}};
    versioned.update(json);
    session.print(json, versioned.dump(2) + "\n");
    return 0;
}

int change_passphrase(Session& session, const std::string& new_file) {
    const auto name = session.key_name();
    const auto key = session.unlock();
    if (!new_file.empty()) session.options.passphrase_file = new_file;
    const auto content =
        must(seal_key(key, name, new_passphrase(session), new_passphrase_parameters()));
    must(write_atomically(session.keystore().path_of(name), content, Access::owner_only));
    print_key(session, name, key.public_key());
    return 0;
}

}  // namespace

void add_key_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "key", "Your signing keys, kept under a passphrase");

    const auto creating = std::make_shared<CreateInput>();
    auto& creates =
        add_verb(noun, "create", "Make a key, and a recovery sheet that is tested at once", session,
                 [&session, creating] { return create(session, *creating); });
    creates.add_option("name", creating->name, "Lower-case letters, digits and -")->required();
    creates.add_option("--recovery-file", creating->recovery_file,
                       "Write the sheet to this new file (mode 600)");

    const auto recovering = std::make_shared<CreateInput>();
    auto& recovers = add_verb(noun, "recover", "Make a key again from its recovery sheet", session,
                              [&session, recovering] { return recover(session, *recovering); });
    recovers.add_option("name", recovering->name, "Name for the key here")->required();
    recovers.add_option("--recovery-file", recovering->recovery_file,
                        "Read the sheet from this file (mode 600)");

    add_verb(noun, "list", "The keys of this wallet", session,
             [&session] { return list(session); });

    const auto shown_key = std::make_shared<std::string>();
    add_verb(noun, "show", "A key's public half", session, [&session, shown_key] {
        const auto key =
            must(session.keystore().find(shown_key->empty() ? session.key_name() : *shown_key));
        print_key(session, key.info.name, key.info.public_key);
        return 0;
    }).add_option("name", *shown_key, "Which; the profile's if left out");

    const auto proving = std::make_shared<ProofInput>();
    auto& proves =
        add_verb(noun, "proof", "Prove that you hold a key, for whoever registers the account",
                 session, [&session, proving] { return proof(session, *proving); });
    proves.add_option("--account", proving->account, "The account that it will sign for");
    proves.add_option("--ledger", proving->ledger, "Ledger id; the profile's if left out");

    const auto new_file = std::make_shared<std::string>();
    add_verb(noun, "passphrase", "Change a key's passphrase", session,
             [&session, new_file] { return change_passphrase(session, *new_file); })
        .add_option("--new-passphrase-file", *new_file,
                    "File (mode 600) or descriptor with the new one");
}

}  // namespace tallystick::wallet
