#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/cli/command.hpp"
#include "node/config/load.hpp"

namespace tallystick::node::cli {

/// The flags that every command with a configuration takes.
struct ConfigFlags {
    std::string file;
    std::string data;
    std::string listen;
    std::string ops_listen;
    std::vector<std::string> settings;  ///< KEY=VALUE
};

/// Adds --config, --data, --listen, --ops-listen and --set.
void add_config_flags(CLI::App& command, ConfigFlags& flags);

/// Flag over environment over file over default; all that is wrong goes to standard error.
[[nodiscard]] std::optional<LoadedConfig> load_or_complain(const ConfigFlags& flags);

}  // namespace tallystick::node::cli
