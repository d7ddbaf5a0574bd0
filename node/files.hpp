#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

/// Small files that must be whole or absent, whenever the machine stops. Any thread.
namespace tallystick::node {

/// What went wrong with a file or folder: a plain sentence that names it.
struct FileError {
    std::string sentence;
};

/// The whole content. Refuses files above `bytes_max`.
[[nodiscard]] Result<std::string, FileError> read_file(const std::filesystem::path& path,
                                                       std::size_t bytes_max);

/// Who may read a file that is written.
enum class FileMode : int { owner_only = 0600, everyone_reads = 0644 };

/// Writes beside the file, makes that durable and renames: after any crash the old content or the
/// new is there, never a part. An existing file is replaced.
[[nodiscard]] Result<void, FileError> write_file_atomically(const std::filesystem::path& path,
                                                            std::string_view content,
                                                            FileMode mode);

/// Makes a new entry of a folder durable.
[[nodiscard]] Result<void, FileError> sync_folder(const std::filesystem::path& folder);

}  // namespace tallystick::node
