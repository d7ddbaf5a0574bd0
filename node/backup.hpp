#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "ledger/store/verify.hpp"
#include "node/data_folder.hpp"
#include "node/files.hpp"

namespace tallystick::node {

/// Copies a ledger to a path that does not exist (Store::backup_to).
using CopyLedger = std::function<ledger::StoreResult<void>(const std::filesystem::path&)>;

/// Makes a backup folder: format, genesis, the records of handovers and the ledger, without the
/// signing key. It is built beside
/// `target` and renamed when it is whole. Refuses a target that exists, and what `copy_ledger`
/// refuses.
[[nodiscard]] Result<void, FileError> write_backup(const DataFolder& from,
                                                   const std::filesystem::path& target,
                                                   const CopyLedger& copy_ledger);

/// Makes a data folder from a backup folder; the new one is barred from signing until its operator
/// confirms the highest height that was released. Refuses a target that holds anything.
[[nodiscard]] Result<void, FileError> restore_backup(const std::filesystem::path& backup,
                                                     const DataFolder& to);

/// `ledger::verify_folder` in a child process: damage in the pages of LMDB itself can end the
/// process that reads them, which is then a finding too. @pre this process has one thread.
[[nodiscard]] ledger::StoreResult<ledger::Verification> verify_in_child(
    const std::filesystem::path& ledger_folder, const ledger::VerifyOptions& options);

}  // namespace tallystick::node
