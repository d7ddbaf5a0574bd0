#include <iostream>

#include "node/cli/config_flags.hpp"

namespace tallystick::node::cli {

void add_config_flags(CLI::App& command, ConfigFlags& flags) {
    command.add_option("--config", flags.file, "Configuration file (TOML)");
    command.add_option("--data", flags.data, "Data folder");
    command.add_option("--listen", flags.listen, "Address and port of the API; port 0: any");
    command.add_option("--ops-listen", flags.ops_listen,
                       "Address and port for health and metrics; port 0: any");
    command.add_option("--set", flags.settings, "Any setting: pipeline.threads=4");
}

std::optional<LoadedConfig> load_or_complain(const ConfigFlags& flags) {
    ConfigInput input;
    if (!flags.file.empty()) input.file = flags.file;
    input.environment = tallyd_environment();
    if (!flags.data.empty()) input.flags.emplace_back("data", flags.data);
    if (!flags.listen.empty()) input.flags.emplace_back("api.listen", flags.listen);
    if (!flags.ops_listen.empty()) input.flags.emplace_back("ops.listen", flags.ops_listen);
    for (const auto& setting : flags.settings) {
        const auto equals = setting.find('=');
        if (equals == std::string::npos) {
            fail("--set takes KEY=VALUE, not " + setting + ".");
            return std::nullopt;
        }
        input.flags.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    }
    auto loaded = load_config(input);
    if (loaded) return std::move(*loaded);
    for (const auto& error : loaded.error()) fail(error.sentence);
    return std::nullopt;
}

namespace {

Exit check(const ConfigFlags& flags) {
    if (!load_or_complain(flags)) return Exit::failed;
    std::cerr << "The configuration is sound.\n";
    return Exit::done;
}

Exit show(const ConfigFlags& flags) {
    const auto loaded = load_or_complain(flags);
    if (!loaded) return Exit::failed;
    std::cout << effective_config(*loaded);
    return Exit::done;
}

}  // namespace

void add_config(CLI::App& app, Run& run) {
    auto* group = app.add_subcommand("config", "The node's configuration");
    group->require_subcommand(1);
    const auto flags = std::make_shared<ConfigFlags>();
    auto* check_command = group->add_subcommand("check", "Say what is wrong with it, if anything");
    add_config_flags(*check_command, *flags);
    check_command->callback([flags, &run] { run = [flags] { return check(*flags); }; });
    auto* show_command =
        group->add_subcommand("show", "Print every setting and where it came from");
    add_config_flags(*show_command, *flags);
    // There is no other way to show it; the flag says so.
    const auto effective = std::make_shared<bool>(true);
    show_command->add_flag("--effective", *effective, "With defaults, environment and flags");
    show_command->callback([flags, effective, &run] { run = [flags] { return show(*flags); }; });
}

}  // namespace tallystick::node::cli
