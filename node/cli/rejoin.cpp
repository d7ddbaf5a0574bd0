#include <iostream>

#include "node/cli/command.hpp"
#include "node/control.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/engine_files.hpp"
#include "node/keys.hpp"

namespace tallystick::node::cli {
namespace {

struct RejoinOptions {
    std::string data;
    std::uint64_t highest_height = 0;
};

Exit rejoin(const RejoinOptions& options) {
    const DataFolder folder{options.data};
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    if (ask_running_node(folder.control(), "network -"))
        return fail("The node runs. Stop it first.", Exit::not_allowed);
    const auto key = read_node_key(node_key_file(folder.root));
    if (!key) return fail(key.error().sentence);
    const auto kept = keep_sign_state(folder.root, sign_state_above(options.highest_height));
    if (!kept) return fail(kept.error().sentence);
    const auto bound = bind_sign_state(folder.root, peer_id(key->public_key()));
    if (!bound) return fail(bound.error().sentence);
    std::cerr << "This node will sign nothing up to height " << options.highest_height
              << ". If its key signed a higher one, every node will record that against the "
                 "authority as double signing.\nStart it: tallyd serve --data "
              << options.data << '\n';
    return Exit::done;
}

}  // namespace

void add_rejoin(CLI::App& app, Run& run) {
    const auto options = std::make_shared<RejoinOptions>();
    auto* command = app.add_subcommand(
        "rejoin", "Let a node of a network sign again that has lost what it signed last");
    command->add_option("--data", options->data, "Data folder")->required();
    command
        ->add_option("--highest-height", options->highest_height,
                     "The newest block that any other node shows, plus one: nothing up to it will "
                     "be signed")
        ->required();
    command->callback([options, &run] { run = [options] { return rejoin(*options); }; });
}

}  // namespace tallystick::node::cli
