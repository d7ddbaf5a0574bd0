#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "node/files.hpp"
#include "protocol/pb.hpp"
#include "protocol/types.hpp"

/// A node's data folder:
///   format         "tallystick data 1\n"
///   genesis.pb     canonical GenesisFile
///   node.key       the signing key (never in a backup)
///   chain/ state/  the two stores; copies/ the newest copies of the state
///   hold           "HEIGHT\n": restored from a backup up to that height; no signing until
///   confirmed run/           what the running process tells others: addresses.json, lock
namespace tallystick::node {

struct DataFolder {
    std::filesystem::path root;

    [[nodiscard]] std::filesystem::path format() const { return root / "format"; }
    [[nodiscard]] std::filesystem::path genesis() const { return root / "genesis.pb"; }
    [[nodiscard]] std::filesystem::path node_key() const { return root / "node.key"; }
    [[nodiscard]] std::filesystem::path chain() const { return root / "chain"; }
    [[nodiscard]] std::filesystem::path state() const { return root / "state"; }
    [[nodiscard]] std::filesystem::path copies() const { return root / "copies"; }
    [[nodiscard]] std::filesystem::path hold() const { return root / "hold"; }
    [[nodiscard]] std::filesystem::path run() const { return root / "run"; }
    [[nodiscard]] std::filesystem::path addresses() const { return run() / "addresses.json"; }
};

/// A genesis read from its file, with what follows from it.
struct LoadedGenesis {
    pb::GenesisFile file;
    pb::Genesis genesis;
    LedgerId ledger_id;
    std::string chain_id;  ///< NAME-1: the first segment's
};

/// Makes the folder with its format mark. Refuses a folder that holds anything.
[[nodiscard]] Result<void, FileError> create_data_folder(const DataFolder& folder);

/// Is it a data folder that this version reads? Refuses what is none, and a newer version's.
[[nodiscard]] Result<void, FileError> check_data_folder(const DataFolder& folder);

/// Reads genesis.pb. Refuses bytes that are not canonical.
[[nodiscard]] Result<LoadedGenesis, FileError> load_genesis(const DataFolder& folder);

/// Derives ledger id and chain id. Refuses a genesis that is not canonical.
[[nodiscard]] Result<LoadedGenesis, FileError> loaded_genesis_from(pb::GenesisFile file);

[[nodiscard]] Result<void, FileError> save_genesis(const DataFolder& folder,
                                                   const pb::GenesisFile& file);

/// A signer's key that has not proved itself yet.
struct MissingProof {
    std::string account;
    std::string public_key;
};

/// Keys of founding authorities without a true proof, in the genesis's order.
[[nodiscard]] std::vector<MissingProof> missing_proofs(const LoadedGenesis& genesis);

/// The height in `hold`; nothing when there is none. Refuses an unreadable one.
[[nodiscard]] Result<std::optional<std::uint64_t>, FileError> read_hold(const DataFolder& folder);

/// One process a data folder: held for as long as the object lives, released by the kernel when the
/// process dies.
class FolderLock {
  public:
    /// Refuses when another process holds it.
    [[nodiscard]] static Result<FolderLock, FileError> take(const DataFolder& folder);
    FolderLock(FolderLock&& other) noexcept;
    FolderLock& operator=(FolderLock&& other) noexcept;
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    ~FolderLock();

  private:
    explicit FolderLock(int fd) : fd_(fd) {}
    int fd_ = -1;
};

}  // namespace tallystick::node
