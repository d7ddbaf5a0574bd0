#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "node/backup.hpp"
#include "node/cli/command.hpp"
#include "node/data_folder.hpp"

namespace tallystick::node::cli {
namespace {

struct VerifyCommandOptions {
    std::string data;
    bool as_json = false;
};

void print_json(const ledger::Verification& verification) {
    auto findings = nlohmann::json::array();
    for (const auto& finding : verification.findings)
        findings.push_back({{"place", finding.place}, {"what", finding.what}});
    std::cout << nlohmann::json{{"format", "tallystick-verify-1"},
                                {"height", verification.height},
                                {"entries", verification.entries},
                                {"leaves", verification.leaves},
                                {"findings", findings}}
                     .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
              << '\n';
}

Exit verify(const VerifyCommandOptions& options) {
    const DataFolder folder{options.data};
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    ledger::VerifyOptions how;
    const bool shows_progress = ::isatty(STDERR_FILENO) != 0;
    if (shows_progress)
        how.progress = [](std::uint64_t height, std::uint64_t of) {
            std::cerr << "\rBlock " << height << " of " << of << std::flush;
        };
    const auto verified = verify_in_child(folder.ledger(), how);
    if (shows_progress) std::cerr << '\n';
    if (!verified) return fail(verified.error().what);
    if (options.as_json) {
        print_json(*verified);
    } else {
        for (const auto& finding : verified->findings)
            std::cout << finding.place << ": " << finding.what << '\n';
        if (verified->findings.empty())
            std::cout << "Everything holds: " << verified->height << " blocks, "
                      << verified->entries << " entries, " << verified->leaves
                      << " leaves; every hash, signature, root and law.\n";
    }
    if (verified->findings.empty()) return Exit::done;
    return fail("The data folder is damaged: " + std::to_string(verified->findings.size()) +
                " findings, above. Restore a backup; what is damaged is never served.");
}

}  // namespace

void add_verify(CLI::App& app, Run& run) {
    const auto options = std::make_shared<VerifyCommandOptions>();
    auto* command = app.add_subcommand(
        "verify", "Check every hash, signature, root and law of a data folder or backup");
    command->add_option("--data", options->data, "Data folder or backup; no node may run on it")
        ->required();
    command->add_flag("--json", options->as_json, "Give the findings as JSON");
    command->callback([options, &run] { run = [options] { return verify(*options); }; });
}

}  // namespace tallystick::node::cli
