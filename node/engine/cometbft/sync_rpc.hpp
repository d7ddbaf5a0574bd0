#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "node/engine/cometbft/sync_blocks.hpp"

/// The little of CometBFT's JSON-RPC that its state sync asks of other nodes, answered by this one
/// to its own engine: `commit`, `validators` and `consensus_params`, each at a height. The other
/// authorities' engines are reachable by nobody but their own node, and shall stay so (docs/adr).
namespace tallystick::node {

/// The answer to a request. Whoever calls may wait for as long as the peers are asked.
/// @param preferred which peer is asked first
[[nodiscard]] std::string answer_sync_rpc(std::string_view request, SyncBlocks& blocks,
                                          std::size_t preferred);

}  // namespace tallystick::node
