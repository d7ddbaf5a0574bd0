#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/store/store_error.hpp"

/// Files beside the environments. Functions throw `LmdbFailure`.
namespace tallystick::ledger {

/// Writes a file whole: another name, synced, renamed, the folder synced.
void write_file_durably(const std::filesystem::path& file, std::string_view content);
/// Copies a file and makes the copy durable, but not its folder.
void copy_file_durably(const std::filesystem::path& from, const std::filesystem::path& to);
/// Removes a file and syncs its folder. Nothing happens if there is none.
void remove_file_durably(const std::filesystem::path& file);
void sync_folder(const std::filesystem::path& folder);
/// Small files only. Nothing if it cannot be read.
[[nodiscard]] std::optional<std::string> read_small_file(const std::filesystem::path& file);

/// What tells that the kernel still holds the pages of `file`: the boot of the machine, the device
/// and the inode. Nothing if one of them cannot be had.
[[nodiscard]] std::optional<std::string> identity_of(const std::filesystem::path& file);

/// Holds a folder for this process, until it goes, however it goes.
class FolderLock {
  public:
    /// Throws `in_use` if another process holds it.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    int descriptor_;
};

}  // namespace tallystick::ledger
