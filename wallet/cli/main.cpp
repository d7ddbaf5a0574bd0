#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>

#include "protocol/crypto.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/core/secrets.hpp"

namespace {

using namespace tallystick;
using namespace tallystick::wallet;

void add_global_flags(CLI::App& app, Options& options) {
    app.add_flag("--json", options.json, "Answer as JSON; amounts are strings of hundredths");
    app.add_flag("--dry-run", options.dry_run,
                 "Ask the node what the ledger would say; sign nothing");
    app.add_flag("--yes", options.yes, "Do not ask before signing");
    app.add_flag("--no-input", options.no_input, "Never ask; fail where an answer is needed");
    app.add_option("--node", options.node, "Address of a node, such as http://127.0.0.1:7710");
    app.add_option("--profile", options.profile, "Profile to use instead of the current one");
    app.add_option("--key", options.key, "Name of the key to sign with");
    app.add_option("--passphrase-file", options.passphrase_file,
                   "File (mode 600) or descriptor (/dev/fd/3) with the passphrase");
    app.add_option("--draft", options.draft,
                   "Write a half-signed draft to this file; send nothing");
    app.add_option("--valid-for", options.valid_for,
                   "How long the ledger may take it: 90s, 15m, 2h, 10d (1d; a draft 14d)");
}

void add_commands(CLI::App& app, Session& session) {
    add_account_commands(app, session);
    add_contract_commands(app, session);
    add_accreditation_commands(app, session);
    add_need_commands(app, session);
    add_bid_commands(app, session);
    add_award_commands(app, session);
    add_transfer_commands(app, session);
    add_credits_commands(app, session);
    add_redemption_commands(app, session);
    add_delivery_commands(app, session);
    add_dispute_commands(app, session);
    add_authority_commands(app, session);
    add_proposal_commands(app, session);
    add_ledger_commands(app, session);
    add_trust_commands(app, session);
    add_receipt_commands(app, session);
    add_envelope_commands(app, session);
    add_draft_commands(app, session);
    add_bodies_commands(app, session);
    add_key_commands(app, session);
    add_profile_commands(app, session);
    add_completion_commands(app, session);
    add_man_commands(app, session);
}

int report(Session& session, const Problem& problem) {
    const Json error{{"error", {{"code", problem.code}, {"message", problem.message}}}};
    if (session.options.json && !session.printed()) {
        session.print(error, "");
    } else {
        Session::say("tally: " + problem.message + " [" + problem.code + "]");
    }
    return static_cast<int>(problem.exit);
}

/// A terminal may be closed on us at any time; what matters is on the disk before it is sent.
void leave_interrupted(int) {
    std::_Exit(static_cast<int>(Exit::interrupted));
}

}  // namespace

int main(int argc, char** argv) {
    harden_process();
    std::signal(SIGINT, leave_interrupted);
    std::signal(SIGPIPE, SIG_IGN);
    if (!initialise_crypto()) {
        std::cerr
            << "tally: this machine's cryptographic library judges signatures differently than "
               "the ledger. Install libsodium 1.0.18.\n";
        return static_cast<int>(Exit::failed);
    }
    Session session;
    CLI::App app{"Wallet of Tallystick, a ledger of Social Value Credits.", "tally"};
    app.set_version_flag("--version", "tally " TALLY_VERSION);
    app.require_subcommand(1);
    try {
        add_global_flags(app, session.options);
        add_commands(app, session);
        app.parse(argc, argv);
        return session.command();
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : static_cast<int>(Exit::usage);
    } catch (const Stop& stop) {
        return report(session, stop.problem);
    } catch (const std::exception& error) {
        return report(session, {Exit::failed, "internal_error", shown(error.what())});
    }
}
