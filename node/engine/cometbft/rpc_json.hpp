#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/engine/cometbft/engine_client.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

/// The engine's answers to JSON-RPC, read. No I/O. Every error is a sentence.
namespace tallystick::node {

/// Upper-case hexadecimal, as the engine writes hashes and addresses.
[[nodiscard]] std::string upper_hex(ByteView bytes);

/// What an answer says before its content is looked at.
struct RpcFailure {
    std::string sentence;
    bool already_known = false;  ///< the transaction is in the mempool or was ordered lately
    bool mempool_full = false;
};

/// The text of a request.
[[nodiscard]] std::string rpc_request(std::string_view method, std::string_view parameters_json);

/// The question that has the engine reach these peers, ID@HOST:PORT.
[[nodiscard]] std::string rpc_dial_request(const std::vector<std::string>& peers);

/// `broadcast_tx_sync`: taken, or the code with which CheckTx refused it.
[[nodiscard]] Result<std::uint32_t, RpcFailure> read_submitted(std::string_view answer);

/// `commit`.
[[nodiscard]] Result<SignedHeader, RpcFailure> read_signed_header(std::string_view answer);

/// `status`: peers stay 0.
[[nodiscard]] Result<EngineStatus, RpcFailure> read_status(std::string_view answer);

/// A node that the engine is connected to.
struct EnginePeer {
    std::string id;       ///< lower-case hexadecimal
    std::string moniker;  ///< what it calls itself
    std::string address;  ///< from where it speaks
};

/// `net_info`.
[[nodiscard]] Result<std::vector<EnginePeer>, RpcFailure> read_peers(std::string_view answer);

/// `dump_consensus_state`: the newest block that each peer says it has.
[[nodiscard]] Result<std::vector<std::uint64_t>, RpcFailure> read_peer_heights(
    std::string_view answer);

/// `validators`.
[[nodiscard]] Result<std::vector<EngineValidator>, RpcFailure> read_validators(
    std::string_view answer);

/// `num_unconfirmed_txs`.
[[nodiscard]] Result<EngineMempool, RpcFailure> read_mempool(std::string_view answer);

}  // namespace tallystick::node
