#include <iostream>
#include <optional>

#include "node/cli/command.hpp"
#include "node/control.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/engine_files.hpp"
#include "node/engine/cometbft/sign_state.hpp"
#include "node/engine/cometbft/signer_file.hpp"
#include "node/keys.hpp"

namespace tallystick::node::cli {
namespace {

struct RejoinOptions {
    std::string data;
    std::optional<std::uint64_t> highest_height;
    bool moved = false;
};

Exit rejoin(const RejoinOptions& options) {
    const DataFolder folder{options.data};
    if (options.highest_height.has_value() == options.moved)
        return fail(
            "Say either --highest-height HEIGHT, where the memory of what was signed is lost, or "
            "--moved, where the whole folder was brought here.",
            Exit::usage);
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    if (ask_running_node(folder.control(), "network -"))
        return fail("The node runs. Stop it first.", Exit::not_allowed);
    const auto key = read_node_key(node_key_file(folder.root));
    if (!key) return fail(key.error().sentence);
    EngineSetup setup;
    setup.data = folder.root;
    if (!options.highest_height) {
        if (!is_signer(setup.home(), peer_id(key->public_key())))
            return fail(
                "This folder remembers what another key signed, not the one in it. Say "
                "--highest-height HEIGHT instead of --moved.");
        if (const auto kept = read_sign_state(setup.sign_state_file()); !kept)
            return fail(kept.error().sentence + " Say --highest-height HEIGHT instead of --moved.");
    } else if (const auto kept =
                   keep_sign_state(folder.root, sign_state_above(*options.highest_height));
               !kept) {
        return fail(kept.error().sentence);
    }
    const auto bound = bind_sign_state(folder.root, peer_id(key->public_key()));
    if (!bound) return fail(bound.error().sentence);
    const auto state = read_sign_state(setup.sign_state_file());
    if (!state) return fail(state.error().sentence);
    std::cerr << "This node will sign nothing up to height " << state->height
              << ". If its key signed a higher one, every node will record that against the "
                 "authority as double signing.\nStart it: tallyd serve --data "
              << options.data << '\n';
    return Exit::done;
}

}  // namespace

void add_rejoin(CLI::App& app, Run& run) {
    const auto options = std::make_shared<RejoinOptions>();
    auto* command = app.add_subcommand(
        "rejoin",
        "Let a node of a network sign again that has lost what it signed last, or was moved");
    command->add_option("--data", options->data, "Data folder")->required();
    command->add_option(
        "--highest-height", options->highest_height,
        "The newest block that any other node shows, plus one: nothing up to it will "
        "be signed");
    command->add_flag("--moved", options->moved,
                      "The whole folder was brought here after its node was stopped for good: it "
                      "remembers what it signed");
    command->callback([options, &run] { run = [options] { return rejoin(*options); }; });
}

}  // namespace tallystick::node::cli
