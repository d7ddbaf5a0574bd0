#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/engine/abci/messages.hpp"
#include "node/engine/cometbft/application.hpp"

namespace tallystick::node {

/// A decided block that was executed and is not durable yet.
struct CometbftApplication::Candidate {
    std::uint64_t height = 0;
    Hash hash;
    pb::Timestamp time;
    std::vector<std::string> txs;  ///< bundles, as they are stored
    std::vector<Hash> tx_hashes;
    std::vector<BundlePool::Bundle> bundles;
    std::vector<ledger::VerifiedEnvelope> envelopes;  ///< of current nodes' bundles, in order
    std::vector<pb::Misbehaviour> misbehaviours;
    std::shared_ptr<ledger::EncodedBlock> encoded;
    std::optional<ledger::AdvancedBlock> advanced;
    abci_pb::ResponseFinalizeBlock response;
    bool is_durable = false;  ///< then only `height`, `hash` and `response` are left
    /// A new process of the engine gave it once more, although it is durable: that process did not
    /// see the end of the Commit that the one before had asked for.
    bool is_replayed = false;
};

/// The engine's time as ours.
[[nodiscard]] pb::Timestamp timestamp_of(const google::protobuf::Timestamp& time);

}  // namespace tallystick::node
