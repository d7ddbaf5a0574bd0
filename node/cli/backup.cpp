#include "node/backup.hpp"

#include <iostream>

#include "ledger/store/store.hpp"
#include "node/cli/command.hpp"
#include "node/control.hpp"

namespace tallystick::node::cli {
namespace {

struct BackupOptions {
    std::string data;
    std::string output;
};

Exit backup(const BackupOptions& options) {
    const DataFolder folder{options.data};
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    const auto target = std::filesystem::absolute(options.output);
    if (const auto answer = ask_running_node(folder.control(), "backup " + target.string())) {
        if (*answer != "done") return fail(*answer);
    } else {
        ledger::StoreOptions store_options;
        store_options.laws_in_full_at_start = false;  // the one who restores verifies
        const auto store = ledger::Store::open(folder.ledger(), store_options);
        if (!store) return fail(store.error().what);
        const auto written = write_backup(folder, target, [&](const std::filesystem::path& path) {
            return (*store)->backup_to(path);
        });
        if (!written) return fail(written.error().sentence);
    }
    std::cerr << "Backed up to " << target.string()
              << ". The signing key is not in it: keep that apart.\n";
    return Exit::done;
}

}  // namespace

void add_backup(CLI::App& app, Run& run) {
    const auto options = std::make_shared<BackupOptions>();
    auto* command =
        app.add_subcommand("backup", "Copy a data folder, running or not, without its signing key");
    command->add_option("--data", options->data, "Data folder")->required();
    command->add_option("-o,--output", options->output, "Folder to make")->required();
    command->callback([options, &run] { run = [options] { return backup(*options); }; });
}

}  // namespace tallystick::node::cli
