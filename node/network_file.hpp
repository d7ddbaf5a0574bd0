#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "node/files.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

/// Where a network's nodes are, and what a node needs to become one of them. The data folder keeps
/// one as network.json (who the peers are); `tallyd network export` writes one with everything for
/// those who join later. JSON: {"format": "tallystick-network-1", "ledger_id", "peers":
/// [{"authority", "id", "address"}], "apis": [URL], "genesis": base 64 of the canonical
/// GenesisFile, "engine_genesis": text, "trust": the trust file}. The last four may be missing.
/// Nothing in it is secret; what it says of the ledger is checked where it is used.
namespace tallystick::node {

/// One node of the network.
struct NetworkPeer {
    std::string authority;  ///< handle; may be empty
    std::string id;         ///< 40 hexadecimal digits
    std::string address;    ///< HOST:PORT
};

struct NetworkFile {
    LedgerId ledger_id;
    std::vector<NetworkPeer> peers;
    std::vector<std::string> apis;  ///< URLs of the authorities' public APIs
    std::string genesis;            ///< canonical GenesisFile; empty if it is not there
    std::string engine_genesis;  ///< the engine's genesis.json of the newest segment; may be empty
    std::string trust;           ///< the trust file's text; may be empty
};

[[nodiscard]] std::string network_json(const NetworkFile& network);

/// Errors, each a sentence that does not name the file: no network file, an id or address that is
/// none.
[[nodiscard]] Result<NetworkFile, std::string> read_network(std::string_view text);

/// Reads it from a file; the error names it.
[[nodiscard]] Result<NetworkFile, FileError> load_network(const std::filesystem::path& file);

/// ID@HOST:PORT of every peer.
[[nodiscard]] std::vector<std::string> peer_addresses(const NetworkFile& network);

}  // namespace tallystick::node
