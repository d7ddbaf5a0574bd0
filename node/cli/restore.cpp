#include <iostream>
#include <optional>

#include "ledger/store/store.hpp"
#include "node/backup.hpp"
#include "node/cli/command.hpp"
#include "node/keys.hpp"

namespace tallystick::node::cli {
namespace {

struct RestoreOptions {
    std::string data;
    std::string from;
    std::optional<std::uint64_t> highest_released;
};

Exit restore(const RestoreOptions& options) {
    const auto verified = verify_in_child(DataFolder{options.from}.ledger(), {});
    if (!verified) return fail(verified.error().what);
    if (!verified->findings.empty()) {
        const auto& first = verified->findings.front();
        return fail("The backup is damaged (" + first.place + ": " + first.what +
                    "). Restore another one.");
    }
    const DataFolder folder{options.data};
    if (const auto restored = restore_backup(options.from, folder); !restored)
        return fail(restored.error().sentence);
    std::cerr
        << "Restored and verified " << options.data << " up to block " << verified->height
        << ".\nIt signs nothing yet, since signing a height twice would fork the ledger. Find "
           "the highest height that the ledger ever released (ask the wallets and auditors: "
           "tally ledger show), put the signing key back as "
        << folder.node_key().string() << ", mode 0600, and run:\n  tallyd restore --data "
        << options.data << " --confirm-height HEIGHT\n";
    return Exit::done;
}

Exit confirm(const RestoreOptions& options) {
    const DataFolder folder{options.data};
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    const auto store = ledger::Store::open(folder.ledger(), {});
    if (!store) return fail(store.error().what);
    if (!(*store)->signing_barred()) {
        std::cerr << "Nothing to confirm: this folder may sign already.\n";
        return Exit::done;
    }
    const auto lifted = (*store)->confirm_highest_height(*options.highest_released);
    if (!lifted) return fail(lifted.error().what);
    if (!*lifted)
        return fail("This folder ends at block " + std::to_string((*store)->height()) +
                        ", the ledger released " + std::to_string(*options.highest_released) +
                        ". The blocks between are missing here, and signing those heights again "
                        "would fork the ledger: restore a backup that has them.",
                    Exit::not_allowed);
    std::cerr << "Confirmed. Start the node: tallyd serve --data " << options.data << '\n';
    return Exit::done;
}

}  // namespace

void add_restore(CLI::App& app, Run& run) {
    const auto options = std::make_shared<RestoreOptions>();
    auto* command =
        app.add_subcommand("restore", "Make a data folder from a backup, or let it sign");
    command->add_option("--data", options->data, "Data folder to make, or the restored one")
        ->required();
    auto* from = command->add_option("--from", options->from, "Backup folder");
    auto* confirm_height = command->add_option("--confirm-height", options->highest_released,
                                               "The highest height that this ledger ever released");
    from->excludes(confirm_height);
    command->callback([options, &run] {
        run = [options] {
            if (options->highest_released) return confirm(*options);
            if (options->from.empty())
                return fail("Say which backup: --from FOLDER, or --confirm-height HEIGHT.",
                            Exit::usage);
            return restore(*options);
        };
    });
}

}  // namespace tallystick::node::cli
