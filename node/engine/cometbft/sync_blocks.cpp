#include "node/engine/cometbft/sync_blocks.hpp"

#include <algorithm>
#include <utility>

#include "node/log.hpp"

namespace tallystick::node {
namespace {

constexpr std::size_t agreed_max = 256;

void warn(const std::string& peer, std::uint64_t height, const std::string& reason) {
    log_event(LogLevel::warning, "state_sync_peer_refused",
              {{"peer", peer}, {"height", std::to_string(height)}, {"reason", reason}});
}

}  // namespace

SyncBlocks::SyncBlocks(const PeerApis& apis, SyncTrust trusted,
                       std::function<std::uint64_t()> clock)
    : apis_(apis), clock_(std::move(clock)), trusted_(std::move(trusted)) {}

Result<void, std::string> SyncBlocks::check(const pb::LightBlock& block, std::size_t peer) {
    const std::lock_guard lock{mutex_};
    auto vouched = vouches_for(trusted_.trust, block);
    const auto& newest = trusted_.trust.segments.back().trusted;
    if (vouched || block.header().height() <= newest.height) return vouched;
    // Newer than what was known when we began: the authorities may have changed since.
    auto further = led_on(apis_, peer, trusted_.trust, clock_());
    if (!further) return Failure{further.error()};
    trusted_.trust = std::move(*further);
    return vouches_for(trusted_.trust, block);
}

Result<pb::LightBlock, std::string> SyncBlocks::light_block(std::uint64_t height,
                                                            std::size_t preferred) {
    std::string refusal = "nobody was asked";
    const auto& peers = trusted_.peers;  // never changes
    for (std::size_t i = 0; i < peers.size(); ++i) {
        const auto peer = peers[(preferred + i) % peers.size()];
        auto block = apis_.light_block(peer, height);
        if (!block) {
            refusal = block.error();
            continue;
        }
        const auto checked = check(*block, peer);
        if (checked) return block;
        refusal = checked.error();
        warn(apis_.name(peer), height, refusal);
    }
    return Failure{std::move(refusal)};
}

Result<std::vector<std::int64_t>, std::string> SyncBlocks::priorities(const pb::LightBlock& block) {
    const auto height = static_cast<std::uint64_t>(block.header().height());
    {
        const std::lock_guard lock{mutex_};
        if (const auto known = agreed_.find(height); known != agreed_.end()) return known->second;
    }
    std::map<std::vector<std::int64_t>, std::size_t> counted;
    std::string refusal;
    for (const auto peer : trusted_.peers) {
        auto answer = apis_.priorities(peer, block);
        if (answer)
            ++counted[std::move(*answer)];
        else
            refusal = answer.error();
    }
    const auto most =
        std::ranges::max_element(counted, {}, [](const auto& answer) { return answer.second; });
    const auto needed = answers_needed(block.validators());
    if (most == counted.end() || most->second < needed)
        return Failure{"Too few peers agree on whose turn it is to propose: " +
                       std::to_string(most == counted.end() ? 0 : most->second) + " do, and " +
                       std::to_string(needed) + " are needed. " + refusal};
    if (counted.size() > 1)
        log_event(LogLevel::warning, "state_sync_priorities_differ",
                  {{"height", std::to_string(height)},
                   {"answers", std::to_string(counted.size())},
                   {"agree", std::to_string(most->second)}});
    const std::lock_guard lock{mutex_};
    if (agreed_.size() >= agreed_max) agreed_.erase(agreed_.begin());
    return agreed_.insert_or_assign(height, most->first).first->second;
}

}  // namespace tallystick::node
