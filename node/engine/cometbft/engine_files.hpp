#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "node/engine/cometbft/child_process.hpp"
#include "node/engine/cometbft/sign_state.hpp"
#include "node/files.hpp"
#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"

/// What the engine finds in its folder, and how it is started. Everything is written anew at each
/// start but its genesis and its own data:
///   engine/config/config.toml    settings of a small network
///   engine/config/genesis.json   of the segment; written once
///   engine/data/                 the engine's own: blocks, state, what it signed last
///   engine/signer                whose signatures those are, and where (signer_file.hpp)
///   engine/joining               a snapshot is being taken, or is not surely taken over yet
///   engine/data/begins-late      the first blocks are not among the engine's own, or not for long
/// Its two keys (signing and peer, the same one) never stand on the disk: see ChildCommand.
namespace tallystick::node {

/// How a segment begins, as the engine must be told. The same on every node.
struct EngineGenesis {
    std::string chain_id;
    std::uint64_t initial_height = 1;
    pb::Timestamp time;
    pb::ValidatorSet validators;
    Hash app_hash;
    std::uint64_t evidence_seconds =
        0;  ///< how long misbehaviour can be shown: the trusting period
};

/// Whom a node that has nothing yet asks for a snapshot, and what it trusts.
struct EngineStateSync {
    std::vector<std::string> servers;  ///< at least two addresses that answer light blocks
    std::uint64_t trust_height = 0;
    Hash trust_hash;
    std::uint64_t trust_seconds = 0;
    /// The engine has given up, or cannot go on with what it took. From the supervisor's thread.
    std::function<void()> failed = {};
};

/// What the operator has set, and what follows from the ledger.
struct EngineSetup {
    std::filesystem::path data;           ///< the node's data folder
    std::filesystem::path program;        ///< of the engine; its version is checked at each start
    std::string listen = "0.0.0.0:7712";  ///< for peers
    std::string external;                 ///< HOST:PORT by which peers reach us; empty: not told
    std::vector<std::string> peers;       ///< ID@HOST:PORT; entries with our own id are left out
    std::vector<std::string> admitted;    ///< ids that always find room, whoever else is connected
    std::string moniker;                  ///< what peers are told: `engine_moniker`
    bool verbose = false;                 ///< log what the engine does, not only what fails
    std::vector<EngineStateSync> state_sync;  ///< none, or one

    [[nodiscard]] std::filesystem::path home() const { return data / "engine"; }
    [[nodiscard]] std::filesystem::path genesis_file() const {
        return home() / "config/genesis.json";
    }
    [[nodiscard]] std::filesystem::path sign_state_file() const {
        return home() / "data/priv_validator_state.json";
    }
    [[nodiscard]] std::filesystem::path signer_file() const { return home() / "signer"; }
    [[nodiscard]] std::filesystem::path joining_file() const { return home() / "joining"; }
    [[nodiscard]] std::filesystem::path begins_late_file() const {
        return home() / "data/begins-late";
    }
    [[nodiscard]] std::filesystem::path abci_socket() const { return data / "run/abci.sock"; }
    [[nodiscard]] std::filesystem::path rpc_socket() const { return data / "run/rpc.sock"; }
};

/// The longest path of a Unix socket.
inline constexpr std::size_t socket_path_bytes_max = 107;

/// Is the data folder's path short enough? The error is a sentence.
[[nodiscard]] Result<void, std::string> check_engine_sockets(const EngineSetup& setup);

/// Blocks are bounded by this many bytes; it stands in every header.
inline constexpr std::uint64_t engine_block_bytes_max = 4194304;

/// How a node is called among its peers: the ledger it serves, so that two that were set up with
/// different genesis files can say so.
[[nodiscard]] std::string engine_moniker(const LedgerId& ledger_id);

/// The consensus parameters in it, as JSON. The ledger never changes them.
[[nodiscard]] std::string engine_parameters_json(const EngineGenesis& genesis);

/// `genesis.json`.
[[nodiscard]] std::string engine_genesis_json(const EngineGenesis& genesis);

/// `config.toml`.
[[nodiscard]] std::string engine_config_toml(const EngineSetup& setup, const std::string& own_id);

/// A node's peer id: the address of its key in lower-case hexadecimal.
[[nodiscard]] std::string peer_id(const PublicKey& key);

/// Writes what was signed last into the engine's folder, made where it is missing, unless a memory
/// that reaches higher is there. The node must not run.
[[nodiscard]] Result<void, FileError> keep_sign_state(const std::filesystem::path& data,
                                                      const EngineSignState& state);

/// Notes in the engine's folder whose key its memory of signatures is of: the node's with this peer
/// id, in this place. With another key, or as a copy, the engine is not started (`engine_command`):
/// what was signed elsewhere is not in the memory.
[[nodiscard]] Result<void, FileError> bind_sign_state(const std::filesystem::path& data,
                                                      const std::string& own_id);

/// Makes engine/ with its genesis and a memory that says "never signed", unless it is there; one
/// that holds nothing but the memory gets its genesis.
/// Errors: files; a folder whose genesis is another one (it belongs to another segment or ledger);
/// one that has lost its genesis or its memory of what it signed.
[[nodiscard]] Result<void, FileError> prepare_engine_folder(const EngineSetup& setup,
                                                            const EngineGenesis& genesis);

/// The same for a folder that must be there already.
[[nodiscard]] Result<void, FileError> check_engine_folder(const EngineSetup& setup);

/// Has the engine ever run in this folder?
[[nodiscard]] bool has_engine_blocks(const EngineSetup& setup);

/// Notes that the engine does not keep its segment's blocks from the first on: it began with a
/// snapshot, or is about to throw old ones away. Until its blocks are forgotten.
[[nodiscard]] Result<void, FileError> note_first_blocks_gone(const EngineSetup& setup);

/// Was that noted? A ledger that is lost the engine cannot give back then.
[[nodiscard]] bool first_blocks_are_gone(const EngineSetup& setup);

/// Throws away what the engine keeps of the chain, so that it begins anew. What it signed last, its
/// genesis and its signer stay. With the rest goes what it had promised not to vote against, so it
/// signs nothing more at the height that it signed last.
[[nodiscard]] Result<void, FileError> forget_engine_blocks(const EngineSetup& setup);

/// Checks the program's version, the lengths of the sockets' paths and the folder, writes the
/// settings, and says how to start the engine. `keys` gets what the command points to and must
/// outlive the start. The error is a sentence.
struct EngineKeys {
    explicit EngineKeys(const SigningKey& key);
    SecretBytes validator;  ///< priv_validator_key.json
    SecretBytes peer;       ///< node_key.json
};
[[nodiscard]] Result<ChildCommand, std::string> engine_command(const EngineSetup& setup,
                                                               const std::string& own_id,
                                                               const EngineKeys& keys);

}  // namespace tallystick::node
