#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "node/config/config.hpp"
#include "protocol/result.hpp"

/// Puts a configuration together: flag > environment > file > default.
namespace tallystick::node {

/// What is wrong, where, and what to do.
struct ConfigError {
    std::string sentence;
};

/// Where a setting's value came from.
enum class ConfigSource : std::uint8_t { built_in, file, environment, flag };

/// What a configuration is made from.
struct ConfigInput {
    std::optional<std::filesystem::path> file;
    /// Every variable that begins with TALLYD_. TALLYD_CONFIG names the file if none is given.
    std::map<std::string, std::string> environment;
    /// Keys as in the file, such as {"api.listen", "127.0.0.1:0"}.
    std::vector<std::pair<std::string, std::string>> flags;
};

struct LoadedConfig {
    Config config;
    std::map<std::string, ConfigSource, std::less<>> sources;  ///< by key; all settings are there
    std::optional<std::filesystem::path> file;
};

/// The variables of this process that begin with TALLYD_.
[[nodiscard]] std::map<std::string, std::string> tallyd_environment();

/// All errors at once, in the order file, environment, flags: a file that cannot be read or is no
/// TOML; an unknown key (named with its line and the nearest known key); a value of the wrong kind
/// or out of bounds.
[[nodiscard]] Result<LoadedConfig, std::vector<ConfigError>> load_config(const ConfigInput& input);

/// Every setting with its value and where it came from, as a TOML file that `load_config` reads.
[[nodiscard]] std::string effective_config(const LoadedConfig& loaded);

}  // namespace tallystick::node
