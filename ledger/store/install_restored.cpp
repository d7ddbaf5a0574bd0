#include "ledger/store/files.hpp"
#include "ledger/store/restore_parts.hpp"
#include "ledger/store/snapshot_reader.hpp"

namespace tallystick::ledger {

std::filesystem::path folder_beside(const std::filesystem::path& folder) {
    auto path = folder;
    path += ".joining";
    return path;
}

bool install_restored(const std::filesystem::path& folder) {
    const auto made = folder_beside(folder);
    const auto parent = std::filesystem::absolute(folder).parent_path();
    if (!std::filesystem::exists(made)) {
        // Renamed before a crash; the note that it was finished has no more to say.
        if (std::filesystem::exists(folder / restored_name))
            remove_file_durably(folder / restored_name);
        return false;
    }
    {
        const FolderLock made_lock{made};
        if (!std::filesystem::exists(made / restored_name)) {
            std::filesystem::remove_all(made);
            return false;
        }
        if (std::filesystem::exists(folder)) {
            const FolderLock lock{folder};
            std::filesystem::remove_all(folder);
        }
        std::filesystem::rename(made, folder);
        sync_folder(parent);
    }
    remove_file_durably(folder / restored_name);
    return true;
}

}  // namespace tallystick::ledger
