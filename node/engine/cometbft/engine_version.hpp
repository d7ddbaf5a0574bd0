#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

/// Which engine is a program? Read from what Go's linker left in the file (its build information),
/// since the program's own `version` may say something else. Nothing is executed.
namespace tallystick::node {

inline constexpr std::string_view engine_module = "github.com/cometbft/cometbft";
inline constexpr std::string_view engine_package = "github.com/cometbft/cometbft/cmd/cometbft";
inline constexpr std::string_view engine_version_wanted = "v0.40.0";

/// The lines of a Go program's build information ("path\t…", "mod\t…\tv1.2.3\t…", "dep\t…"). The
/// error is a sentence: the file cannot be read, is no 64-bit ELF program, or was not made by Go.
[[nodiscard]] Result<std::string, std::string> go_build_information(
    const std::filesystem::path& program);

/// The engine's version, such as "v0.40.0". The error is a sentence: as above, or the program is
/// another one.
[[nodiscard]] Result<std::string, std::string> engine_version(const std::filesystem::path& program);

/// Is it the one version that this node works with? The error says which it is, and how to get the
/// right one.
[[nodiscard]] Result<void, std::string> check_engine_version(const std::filesystem::path& program);

/// Where the engine's program is: the setting if there is one, else `cometbft` beside this program,
/// in ../engine of it, in a folder of `path_variable` ($PATH), or in `home`/go/bin. The error lists
/// where it was looked for.
struct EngineSearch {
    std::string setting;
    std::filesystem::path own_program;
    std::string path_variable;
    std::filesystem::path home;
};
[[nodiscard]] Result<std::filesystem::path, std::string> find_engine(const EngineSearch& search);

/// The search of this process.
[[nodiscard]] EngineSearch engine_search(std::string setting);

}  // namespace tallystick::node
