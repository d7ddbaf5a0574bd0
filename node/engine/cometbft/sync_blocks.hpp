#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "node/engine/cometbft/peer_apis.hpp"
#include "node/engine/cometbft/sync_trust.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"

namespace tallystick::node {

/// Blocks for the light client of this node's own engine, fetched from the peers and verified
/// before they are handed on: a peer that lies or is down costs no more than a question. Any
/// thread.
class SyncBlocks {
  public:
    /// `apis` must outlive this. @param clock seconds since 1970
    SyncBlocks(const PeerApis& apis, SyncTrust trusted, std::function<std::uint64_t()> clock);

    /// The block of that height, from peer `preferred` if it gives a true one, else from another.
    /// The error is a sentence.
    [[nodiscard]] Result<pb::LightBlock, std::string> light_block(std::uint64_t height,
                                                                  std::size_t preferred);
    /// How near the turn of each of the block's validators to propose is, in their order. No header
    /// hashes these numbers, and they go on from block to block: with false ones this node would
    /// for ever expect other proposers than the others do, and so vote for nothing. So every peer
    /// is asked, and the answer counts that so many give that one of them must be honest
    /// (`answers_needed`). The error is a sentence.
    [[nodiscard]] Result<std::vector<std::int64_t>, std::string> priorities(
        const pb::LightBlock& block);

    [[nodiscard]] const EngineGenesis& engine_genesis() const { return trusted_.engine_genesis; }

  private:
    [[nodiscard]] Result<void, std::string> check(const pb::LightBlock& block, std::size_t peer);

    const PeerApis& apis_;
    const std::function<std::uint64_t()> clock_;
    std::mutex mutex_;
    SyncTrust trusted_;
    std::map<std::uint64_t, std::vector<std::int64_t>> agreed_;
};

}  // namespace tallystick::node
