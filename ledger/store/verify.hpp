#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ledger/store/store_error.hpp"

namespace tallystick::ledger {

/// Something in a data folder that is not as it must be.
struct Finding {
    std::string place;  ///< for example `chain/blocks height 12` or `state/leaves key 14...`
    std::string what;
};

struct Verification {
    std::vector<Finding> findings;  ///< empty: everything holds
    std::uint64_t height = 0;       ///< last block that was replayed
    std::uint64_t entries = 0;
    std::uint64_t leaves = 0;
    /// Blocks at the end whose headers have not arrived yet, which is no finding in a segment of
    /// several authorities that goes on: they were executed, but nothing signed was checked.
    std::uint64_t without_header = 0;
};

struct VerifyOptions {
    std::size_t findings_max = 100;  ///< stops after so many
    bool signatures = true;          ///< of envelopes too, 50 to 70 microseconds each
    /// Told how far it is; may be empty.
    std::function<void(std::uint64_t height, std::uint64_t of)> progress = {};
};

/// Checks a data folder that no process has open: every record against its hash, every header,
/// commit, bundle and envelope signature, the validators and segments that the state decided, the
/// whole chain executed again from the genesis with each
/// app hash compared, the log and the indexes, and every leaf of the state with every law; not a
/// state whose marker says that it will be rebuilt at the next start anyway. Reads only. Damage in
/// the pages of LMDB itself can end the process that reads them: run it in a child. Errors only
/// where nothing could be checked: not_found, in_use, newer_version, input_output.
[[nodiscard]] StoreResult<Verification> verify_folder(const std::filesystem::path& folder,
                                                      const VerifyOptions& options);

}  // namespace tallystick::ledger
