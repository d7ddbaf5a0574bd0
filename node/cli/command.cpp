#include "node/cli/command.hpp"

#include <iostream>

#include "node/log.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::node::cli {

Exit fail(const std::string& sentence, Exit code) {
    std::cerr << "tallyd: " << sentence << '\n';
    return code;
}

int run_tallyd(int argc, char** argv) {
    CLI::App app{"tallyd: the node of a Tallystick ledger", "tallyd"};
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string{"tallyd " TALLYSTICK_VERSION});
    Run run;
    add_init(app, run);
    add_genesis(app, run);
    add_join(app, run);
    add_network(app, run);
    add_rejoin(app, run);
    add_handover(app, run);
    add_serve(app, run);
    add_verify(app, run);
    add_backup(app, run);
    add_restore(app, run);
    add_export(app, run);
    add_trust(app, run);
    add_config(app, run);
    add_import(app, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::usage);
    }
    if (!initialise_crypto())
        return static_cast<int>(
            fail("The cryptographic libraries on this machine judge signatures otherwise than the "
                 "ledger's rules. Install libsodium 1.0.18 or a version that judges alike."));
    return static_cast<int>(run());
}

}  // namespace tallystick::node::cli
