// tally man: the manual page in roff, made from the commands themselves.
#include <sstream>

#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

std::string roff(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        if (c == '\\' || c == '-') safe.push_back('\\');
        safe.push_back(c);
    }
    return safe.starts_with('.') || safe.starts_with('\'') ? "\\&" + safe : safe;
}

void options_of(const CLI::App& app, std::ostringstream& page) {
    for (const auto* option : app.get_options()) {
        const auto name =
            option->get_positional() ? option->get_name(true) : option->get_name(false, true);
        page << ".TP\n.B " << roff(name) << "\n" << roff(option->get_description()) << "\n";
    }
}

void commands_of(const CLI::App& app, const std::string& words, std::ostringstream& page) {
    const auto subs = app.get_subcommands(nullptr);
    for (const auto* sub : subs) {
        const auto path = words + " " + sub->get_name();
        if (!sub->get_subcommands(nullptr).empty()) {
            commands_of(*sub, path, page);
            continue;
        }
        page << ".SS " << roff(path) << "\n" << roff(sub->get_description()) << ".\n";
        options_of(*sub, page);
    }
}

std::string page_of(const CLI::App& root) {
    std::ostringstream page;
    page << ".TH TALLY 1 \"\" \"tally " TALLY_VERSION
            "\" \"Tallystick\"\n"
            ".SH NAME\ntally \\- wallet of Tallystick, a ledger of Social Value Credits\n"
            ".SH SYNOPSIS\n.B tally\n.I NOUN VERB\n[options]\n"
            ".SH DESCRIPTION\n"
            "Signs what an organisation asks of the ledger, and shows only what the authorities'\n"
            "signatures prove. Before it signs, it says in one sentence what will happen.\n"
            ".SH GLOBAL OPTIONS\n";
    options_of(root, page);
    page << ".SH COMMANDS\n";
    commands_of(root, "tally", page);
    page << ".SH EXIT STATUS\n"
            "0 done; 1 failed; 2 wrong usage; 3 cancelled; 4 not allowed, or the key is locked; 5 "
            "the\n"
            "ledger refused; 6 no node answered; 8 waiting for a colleague's approval; 130\n"
            "interrupted.\n"
            ".SH FILES\n.TP\n.I ~/.config/tally\n"
            "The wallet's folder, or $TALLY_HOME: config.toml, keys, journal, seals, receipts.\n";
    return page.str();
}

}  // namespace

void add_man_commands(CLI::App& app, Session& session) {
    add_verb(app, "man", "The manual page: tally man | man -l -", session, [&session, &app] {
        session.print({{"page", page_of(app)}}, page_of(app));
        return 0;
    });
}

}  // namespace tallystick::wallet
