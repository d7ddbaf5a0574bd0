#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "node/files.hpp"
#include "protocol/pb.hpp"
#include "protocol/types.hpp"

/// A node's data folder:
///   format       "tallystick data 1\n"
///   genesis.pb   canonical GenesisFile; its proofs grow until every key has proved itself
///   node.key     the signing key (never in a backup)
///   ledger/      chain and state (ledger/store/store.hpp); made once the genesis is proved
///   network.json where the other authorities' nodes are (node/network_file.hpp); only in a network
///   engine/      what CometBFT keeps (node/engine/cometbft/engine_files.hpp); only under it
///   run/         what the running process tells others: addresses.json, the sockets
///                `control`, and in a network `abci.sock` and `rpc.sock`
namespace tallystick::node {

struct DataFolder {
    std::filesystem::path root;

    [[nodiscard]] std::filesystem::path format() const { return root / "format"; }
    [[nodiscard]] std::filesystem::path genesis() const { return root / "genesis.pb"; }
    [[nodiscard]] std::filesystem::path node_key() const { return root / "node.key"; }
    [[nodiscard]] std::filesystem::path ledger() const { return root / "ledger"; }
    [[nodiscard]] std::filesystem::path network() const { return root / "network.json"; }
    [[nodiscard]] std::filesystem::path engine() const { return root / "engine"; }
    [[nodiscard]] std::filesystem::path run() const { return root / "run"; }
    [[nodiscard]] std::filesystem::path addresses() const { return run() / "addresses.json"; }
    [[nodiscard]] std::filesystem::path control() const { return run() / "control"; }
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

/// Has every founder's key proved itself for this ledger? Refuses with a sentence that says which
/// did not and how it does. A genesis that was altered is another ledger's, for which none has.
[[nodiscard]] Result<void, FileError> check_founders(const DataFolder& folder,
                                                     const LoadedGenesis& genesis);

/// Makes the ledger from a genesis of which every key has proved itself, unless it is there
/// already. Refuses while a proof is missing, and says what to run.
[[nodiscard]] Result<void, FileError> ensure_ledger(const DataFolder& folder,
                                                    const LoadedGenesis& genesis);

}  // namespace tallystick::node
