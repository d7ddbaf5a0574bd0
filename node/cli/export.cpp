#include "node/export.hpp"

#include <iostream>

#include "ledger/store/store.hpp"
#include "node/cli/command.hpp"
#include "node/control.hpp"
#include "node/data_folder.hpp"

namespace tallystick::node::cli {
namespace {

struct ExportOptions {
    std::string data;
    std::string output;
};

Exit export_ledger(const ExportOptions& options) {
    const DataFolder folder{options.data};
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    const auto target = std::filesystem::absolute(options.output);
    if (const auto answer = ask_running_node(folder.control(), "export " + target.string())) {
        if (*answer != "done") return fail(*answer);
        std::cerr << "Exported to " << target.string() << ".\n";
        return Exit::done;
    }
    const auto store = ledger::Store::open(folder.ledger(), {});
    if (!store) return fail(store.error().what);
    const auto moment = (*store)->moment();
    const auto snapshot = (*store)->open_snapshot({&moment, 1});
    if (!snapshot) return fail(snapshot.error().what);
    const auto written = write_export(**snapshot, (*store)->genesis_file(), target);
    if (!written) return fail(written.error().sentence);
    std::cerr << "Exported " << written->blocks << " blocks and " << written->leaves
              << " leaves to " << target.string() << ".\n";
    return Exit::done;
}

}  // namespace

void add_export(CLI::App& app, Run& run) {
    const auto options = std::make_shared<ExportOptions>();
    auto* command = app.add_subcommand(
        "export", "Write the whole public ledger to one file that an auditor can replay");
    command->add_option("--data", options->data, "Data folder, of a running node or not")
        ->required();
    command->add_option("-o,--output", options->output, "File to write")->required();
    command->callback([options, &run] { run = [options] { return export_ledger(*options); }; });
}

}  // namespace tallystick::node::cli
