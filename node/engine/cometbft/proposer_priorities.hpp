#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "node/engine/cometbft/engine_client.hpp"
#include "node/node_service.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"

namespace tallystick::node {

/// How near each validator's turn to propose is, block by block, as this node's own engine has it.
/// Strangers ask: the engine gets one question at a time, and what it said is remembered.
class ProposerPriorities {
  public:
    /// `client` must outlive this.
    explicit ProposerPriorities(EngineClient& client) : client_(client) {}

    /// In the order of `validators`, the set that validates block `height`. Any thread but the
    /// engine's own. Errors: not_found (the engine does not know that block, or another set for
    /// it), unavailable (others are being answered).
    [[nodiscard]] Result<std::vector<std::int64_t>, ReadError> at(
        std::uint64_t height, const pb::ValidatorSet& validators);

  private:
    static constexpr std::chrono::milliseconds wait_max{1000};
    static constexpr std::size_t remembered_max = 64;

    EngineClient& client_;
    std::timed_mutex mutex_;
    std::map<std::uint64_t, std::vector<EngineValidator>> remembered_;
};

}  // namespace tallystick::node
