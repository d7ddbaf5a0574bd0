#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "wallet/core/problem.hpp"

/// The wallet's folder and its files. Whatever is written is on the disk when a function returns.
namespace tallystick::wallet {

namespace fs = std::filesystem;

/// Who may read a file that is written.
enum class Access { owner_only, everyone };

/// `$TALLY_HOME`, else `$XDG_CONFIG_HOME/tally`, else `~/.config/tally`.
[[nodiscard]] Try<fs::path> wallet_folder();

/// Makes the folder and those above it; it and every folder made is for its owner only (0700).
[[nodiscard]] Try<void> make_private_folder(const fs::path& folder);

/// Writes a new file beside `path`, syncs it, puts it in `path`'s place and syncs the folder: after
/// a crash there is the old content or the new, never a part. Refuses what the system refuses.
[[nodiscard]] Try<void> write_atomically(const fs::path& path, std::string_view content,
                                         Access access);

/// The same, but refuses (`file_exists`) to take the place of a file that is there.
[[nodiscard]] Try<void> write_new_file(const fs::path& path, std::string_view content,
                                       Access access);

/// A whole regular file. Refuses one that is larger than `bytes_max` (`file_too_large`), or missing
/// (`no_such_file`), or unreadable (`cannot_read`). `-` reads standard input.
[[nodiscard]] Try<std::string> read_file(const fs::path& path, std::size_t bytes_max);

/// Refuses (`file_open_to_others`) a regular file that anyone but its owner may read or write.
[[nodiscard]] Try<void> check_private(const fs::path& path);

/// Names of the files in `folder` that end in `suffix`, without it, in order. Empty for no folder.
[[nodiscard]] std::vector<std::string> names_in(const fs::path& folder, std::string_view suffix);

/// Removes a file and syncs its folder. A file that is not there is no error.
[[nodiscard]] Try<void> remove_file(const fs::path& path);

}  // namespace tallystick::wallet
