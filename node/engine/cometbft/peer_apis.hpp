#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "node/http_client.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"

namespace tallystick::node {

/// What a node that has no ledger yet asks of the other authorities' nodes, over their public APIs.
/// Nothing that they say is checked here but its form: any of them may lie. Any thread.
class PeerApis {
  public:
    /// A GET of `target` at peer number `peer`. The error is a sentence.
    using Get = std::function<Result<ApiAnswer, std::string>(
        std::size_t peer, const std::string& target, std::string_view accept)>;

    /// @param names how the peers are called in sentences; there are as many
    PeerApis(std::vector<std::string> names, Get get);
    /// Over HTTP. What is no URL of an API, or comes twice, is left out.
    [[nodiscard]] static PeerApis over_http(const std::vector<std::string>& urls,
                                            std::chrono::milliseconds limit);

    [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }
    [[nodiscard]] const std::string& name(std::size_t peer) const { return names_.at(peer); }

    // Errors of all: a sentence.

    /// What leads from block `from` to the peer's newest, as a receipt without a statement.
    [[nodiscard]] Result<pb::Receipt, std::string> trail(std::size_t peer,
                                                         std::uint64_t from) const;
    /// A block of that height.
    [[nodiscard]] Result<pb::LightBlock, std::string> light_block(std::size_t peer,
                                                                  std::uint64_t height) const;
    /// Heights of the snapshots that it offers.
    [[nodiscard]] Result<std::vector<std::uint64_t>, std::string> snapshots(std::size_t peer) const;
    /// How near the turn of each of the block's validators to propose is, in their order.
    [[nodiscard]] Result<std::vector<std::int64_t>, std::string> priorities(
        std::size_t peer, const pb::LightBlock& block) const;

  private:
    [[nodiscard]] Result<std::string, std::string> ask(std::size_t peer, const std::string& target,
                                                       std::string_view accept) const;

    std::vector<std::string> names_;
    Get get_;
};

}  // namespace tallystick::node
