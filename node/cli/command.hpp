#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

/// The commands of tallyd: one a file, each adds itself to the application. Data goes to standard
/// output, messages to standard error in plain sentences.
namespace tallystick::node::cli {

/// Exit codes, the same for every program of Tallystick.
enum class Exit : int { done = 0, failed = 1, usage = 2, cancelled = 3, not_allowed = 4 };

/// Runs the command that was chosen.
using Run = std::function<Exit()>;

void add_init(CLI::App& app, Run& run);
void add_genesis(CLI::App& app, Run& run);
void add_join(CLI::App& app, Run& run);
void add_network(CLI::App& app, Run& run);
void add_rejoin(CLI::App& app, Run& run);
void add_handover(CLI::App& app, Run& run);
void add_serve(CLI::App& app, Run& run);
void add_verify(CLI::App& app, Run& run);
void add_backup(CLI::App& app, Run& run);
void add_restore(CLI::App& app, Run& run);
void add_export(CLI::App& app, Run& run);
void add_trust(CLI::App& app, Run& run);
void add_config(CLI::App& app, Run& run);
void add_import(CLI::App& app, Run& run);

/// Prints a sentence on standard error and gives the code.
Exit fail(const std::string& sentence, Exit code = Exit::failed);

/// The whole program but for `main`.
int run_tallyd(int argc, char** argv);

}  // namespace tallystick::node::cli
