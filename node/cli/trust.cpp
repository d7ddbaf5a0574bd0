#include <iostream>

#include "ledger/store/store.hpp"
#include "node/cli/command.hpp"
#include "node/control.hpp"
#include "node/data_folder.hpp"
#include "node/trust_file.hpp"

namespace tallystick::node::cli {
namespace {

struct TrustOptions {
    std::string data;
    std::string output;
};

Exit trust(const TrustOptions& options) {
    const DataFolder folder{options.data};
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    const auto target = std::filesystem::absolute(options.output);
    if (const auto answer = ask_running_node(folder.control(), "trust " + target.string()))
        return *answer == "done" ? Exit::done : fail(*answer);
    const auto store = ledger::Store::open(folder.ledger(), {});
    if (!store) return fail(store.error().what);
    const auto moment = (*store)->moment();
    const auto snapshot = (*store)->open_snapshot({&moment, 1});
    if (!snapshot) return fail(snapshot.error().what);
    if ((*snapshot)->chain_height() == 0)
        return fail("The ledger has no block yet. Start the node once: tallyd serve --data " +
                    options.data);
    const auto made = trust_from(**store, **snapshot);
    if (!made) return fail(made.error().what);
    const auto text = serialise_trust(*made);
    const auto written = write_file_atomically(target, text, FileMode::everyone_reads);
    return written ? Exit::done : fail(written.error().sentence);
}

}  // namespace

void add_trust(CLI::App& app, Run& run) {
    const auto options = std::make_shared<TrustOptions>();
    auto* command = app.add_subcommand(
        "trust", "Write the trust file: what a verifier of receipts starts from");
    command->add_option("--data", options->data, "Data folder, of a running node or not")
        ->required();
    command->add_option("-o,--output", options->output, "File to write")->required();
    command->callback([options, &run] { run = [options] { return trust(*options); }; });
}

}  // namespace tallystick::node::cli
