#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/engine/cometbft/engine_files.hpp"
#include "node/engine/cometbft/peer_apis.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"
#include "protocol/trust.hpp"

/// What a node believes before it has a ledger: nothing that a peer says and it has not verified
/// itself, beginning with its genesis and its trust file.
namespace tallystick::node {

/// What a node knows that has not asked anybody yet.
struct SyncBeginning {
    pb::Genesis genesis;
    LedgerId ledger_id;
    std::string chain_id;                 ///< of the first segment
    pb::ValidatorSet genesis_validators;  ///< who signs its first block
    /// How its engine begins, if the first segment has one.
    std::optional<EngineGenesis> engine_genesis;
    Trust trust;  ///< the operator's trust file
    std::uint64_t now_seconds = 0;
};

/// Where to begin, verified.
struct SyncTrust {
    /// The trust file, led on to the newest block that a peer has shown.
    Trust trust;
    /// From here the engine's light client goes on: a block of the newest segment, not after the
    /// snapshots that are offered if that is recent enough to be trusted.
    pb::LightBlock from;
    /// How the newest segment begins, as every node's engine was told.
    EngineGenesis engine_genesis;
    std::vector<std::size_t> peers;  ///< who told the truth so far
};

/// One more than may lie: of this many answers that are the same one is an honest node's. A third
/// of the authorities, rounded down to less than a third, may be false.
[[nodiscard]] std::size_t answers_needed(const pb::ValidatorSet& validators);

/// Asks every peer for the way from the genesis and from the trust file to its newest block,
/// verifies both, and finds a block to begin with. A peer whose way does not verify is logged
/// (`state_sync_peer_refused`) and not asked again. The error is a sentence: nobody offers a
/// snapshot, too few peers answer, the trust file has expired or does not follow from the genesis.
[[nodiscard]] Result<SyncTrust, std::string> find_sync_trust(const PeerApis& apis,
                                                             const SyncBeginning& beginning);

/// Does what is trusted vouch for this block, without any other on the way? The error is a
/// sentence.
[[nodiscard]] Result<void, std::string> vouches_for(const Trust& trust,
                                                    const pb::LightBlock& block);

/// `trust` led on to the newest block that a peer shows, each step within the trusting period. The
/// error is a sentence.
[[nodiscard]] Result<Trust, std::string> led_on(const PeerApis& apis, std::size_t peer,
                                                const Trust& trust, std::uint64_t now_seconds);

}  // namespace tallystick::node
