#include <iostream>

#include "ledger/store/store.hpp"
#include "node/backup.hpp"
#include "node/cli/command.hpp"
#include "node/control.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/engine_files.hpp"
#include "node/engine_choice.hpp"
#include "node/handover_archive.hpp"
#include "node/keys.hpp"
#include "protocol/keys.hpp"

/// From one segment of the chain to the next: under another engine, or the same in another version.
namespace tallystick::node::cli {
namespace {

struct HandoverOptions {
    std::string data;
    std::string from;
};

using Problem = std::optional<std::string>;

/// A new member has no blocks of the segment that ends: it gets them from another's backup.
Problem take_ledger(const DataFolder& folder, const std::filesystem::path& from) {
    const DataFolder backup{from};
    if (const auto checked = check_data_folder(backup); !checked) return checked.error().sentence;
    const auto theirs = load_genesis(backup);
    if (!theirs) return theirs.error().sentence;
    const auto ours = load_genesis(folder);
    if (!ours) return ours.error().sentence;
    if (theirs->ledger_id != ours->ledger_id)
        return "The backup is of ledger " + to_hex(theirs->ledger_id.view()) +
               ", this folder is of " + to_hex(ours->ledger_id.view()) + ".";
    std::error_code error;
    if (std::filesystem::exists(folder.ledger(), error))
        return folder.ledger().string() +
               " is there already; a backup is only for a folder that has no block yet.";
    const auto verified = verify_in_child(backup.ledger(), {});
    if (!verified) return verified.error().what;
    if (!verified->findings.empty()) {
        const auto& first = verified->findings.front();
        return "The backup is damaged (" + first.place + ": " + first.what + "). Take another one.";
    }
    // Copied under another name first: a crash must not leave half a ledger that looks whole.
    auto making = folder.ledger();
    making += ".new";
    std::filesystem::remove_all(making, error);
    std::filesystem::copy(backup.ledger(), making, std::filesystem::copy_options::recursive, error);
    if (!error) std::filesystem::rename(making, folder.ledger(), error);
    const auto proofs = backup.root / "handovers";
    if (!error && std::filesystem::exists(proofs))
        std::filesystem::copy(proofs, folder.root / "handovers",
                              std::filesystem::copy_options::recursive |
                                  std::filesystem::copy_options::overwrite_existing,
                              error);
    if (error) return "Could not copy the backup: " + error.message() + ".";
    return std::nullopt;
}

/// The old segment is at its end, and everything of it is here.
Problem check_end(const ledger::Store& store, const pb::Handover& handover) {
    if (store.height() + 1 < handover.initial_height())
        return "Segment " + store.chain_id() + " ends with block " +
               std::to_string(handover.initial_height() - 1) + ", this folder is at block " +
               std::to_string(store.height()) +
               ". Start the node, and stop it when /readyz says that it has all of the segment.";
    if (store.headers_until() < store.height())
        return "The header of block " + std::to_string(store.headers_until() + 1) +
               " is missing here: start the node once more, and stop it when /readyz says that it "
               "has all of the segment.";
    return std::nullopt;
}

/// The proof that the new segment follows the old one can be made only now.
Problem keep_proof(ledger::Store& store, const DataFolder& folder) {
    const auto moment = store.moment();
    const auto snapshot = store.open_snapshot({&moment, 1});
    if (!snapshot) return snapshot.error().what;
    const auto kept = keep_handover(**snapshot, folder.root);
    return kept ? std::nullopt : Problem{kept.error().sentence};
}

/// The engine of the old segment keeps its blocks under another name, and the new one begins with
/// an empty folder. What was signed in the old chain does not count in the new one: its name stands
/// in every signature.
Problem set_engine_aside(const DataFolder& folder, const std::string& old_chain) {
    std::error_code error;
    if (!std::filesystem::exists(folder.engine(), error)) return std::nullopt;
    const auto aside = folder.root / ("engine." + old_chain);
    if (std::filesystem::exists(aside, error))
        return aside.string() + " is there already; move it away.";
    std::filesystem::rename(folder.engine(), aside, error);
    if (error) return "Could not rename " + folder.engine().string() + ": " + error.message() + ".";
    return std::nullopt;
}

Problem begin(const HandoverOptions& options, const DataFolder& folder) {
    const auto genesis = load_genesis(folder);
    if (!genesis) return genesis.error().sentence;
    auto store = ledger::Store::open(folder.ledger(), {}, genesis->ledger_id);
    if (!store) return store.error().what;
    const auto handover = (*store)->view().get(handover_key());
    if (!handover)
        return "No handover of this ledger is decided. The authorities propose it: tally proposal "
               "make hand-over.";
    const auto old_chain = (*store)->chain_id();
    if (old_chain != handover->chain_id()) {
        if (auto problem = check_end(**store, *handover)) return problem;
        if (auto problem = keep_proof(**store, folder)) return problem;
        if (auto problem = set_engine_aside(folder, old_chain)) return problem;
        const auto begun =
            (*store)->begin_segment(handover->chain_id(), handover->initial_height());
        if (!begun) return begun.error().what;
    } else if ((*store)->height() >= handover->initial_height()) {
        std::cerr << "Nothing to do: segment " << old_chain << " has begun.\n";
        return std::nullopt;
    }
    // A copy from a backup may sign now: its key never signed in this segment.
    if ((*store)->signing_barred()) {
        const auto lifted = (*store)->confirm_highest_height((*store)->height());
        if (!lifted) return lifted.error().what;
    }
    if (const auto saved = (*store)->checkpoint(); !saved) return saved.error().what;
    if (handover->engine() == pb::ENGINE_COMETBFT) {
        EngineSetup setup;
        setup.data = std::filesystem::absolute(folder.root);
        if (const auto made = prepare_engine(setup, **store); !made) return made.error();
    }
    std::cerr << "Segment " << handover->chain_id() << " begins with block "
              << handover->initial_height() << ", under "
              << (handover->engine() == pb::ENGINE_COMETBFT ? "CometBFT" : "solo")
              << ".\nStart the node: tallyd serve --data " << options.data << '\n';
    return std::nullopt;
}

Exit handover(const HandoverOptions& options) {
    const DataFolder folder{options.data};
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    if (ask_running_node(folder.control(), "network -"))
        return fail("The node runs. Stop it first.", Exit::not_allowed);
    if (!options.from.empty())
        if (const auto problem = take_ledger(folder, options.from)) return fail(*problem);
    if (const auto problem = begin(options, folder)) return fail(*problem);
    return Exit::done;
}

}  // namespace

void add_handover(CLI::App& app, Run& run) {
    const auto options = std::make_shared<HandoverOptions>();
    auto* command = app.add_subcommand(
        "handover", "Go over to the segment that the ledger's handover names: another engine");
    command->add_option("--data", options->data, "Data folder")->required();
    command->add_option("--from", options->from,
                        "For a new member: a backup of the ledger at the end of the old segment");
    command->callback([options, &run] { run = [options] { return handover(*options); }; });
}

}  // namespace tallystick::node::cli
