#include "node/engine/cometbft/engine_watch.hpp"

#include <algorithm>
#include <utility>

#include "node/log.hpp"

namespace tallystick::node {

std::uint64_t blocks_behind(const EngineHealth& health) {
    return health.network_head > health.height ? health.network_head - health.height : 0;
}

std::uint64_t head_of_network(std::vector<std::uint64_t> peer_heights) {
    if (peer_heights.empty()) return 0;
    // With ourselves there are one more; fewer than a third of all may lie.
    const auto liars = peer_heights.size() / 3;
    std::ranges::sort(peer_heights, std::greater{});
    return peer_heights[liars];
}

EngineWatch::EngineWatch(EngineWatchOptions options) : options_(std::move(options)) {}

EngineWatch::~EngineWatch() {
    stop();
}

void EngineWatch::start() {
    ensure(!thread_.joinable(), "a watch is started once");
    thread_ = std::thread{[this] { work(); }};
}

void EngineWatch::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void EngineWatch::work() {
    for (;;) {
        ask();
        std::unique_lock lock{mutex_};
        if (wake_.wait_for(lock, options_.every, [this] { return stopping_; })) return;
    }
}

void EngineWatch::ask() {
    EngineHealth found;
    const auto status = options_.questions.status();
    found.answers = status.ok();
    if (status) {
        found.height = status->height;
        found.network_head = status->height;
        found.catching_up = status->catching_up;
        if (const auto peers = options_.questions.peers()) {
            found.peers = static_cast<std::uint32_t>(peers->size());
            count_power(found, *peers);
            seek_missing(*peers);
            for (const auto& peer : *peers)
                if (peer.moniker != options_.moniker)
                    found.strangers.push_back(peer.id + " at " + peer.address);
        }
        if (const auto heights = options_.questions.peer_heights())
            found.network_head = std::max(found.height, head_of_network(*heights));
        if (const auto mempool = options_.questions.mempool()) found.mempool = *mempool;
    }
    const std::lock_guard lock{mutex_};
    for (const auto& stranger : found.strangers)
        if (std::ranges::find(health_.strangers, stranger) == health_.strangers.end())
            log_event(LogLevel::error, "peer_of_another_ledger", {{"peer", stranger}});
    answered_before_ = answered_before_ || found.answers;
    health_ = std::move(found);
}

/// The engine loses sight of a peer for good that takes its connections and closes them at once, as
/// one does that does not admit this node yet.
void EngineWatch::seek_missing(const std::vector<EnginePeer>& connected) {
    std::vector<std::string> missing;
    for (const auto& peer : options_.peers)
        if (std::ranges::none_of(connected,
                                 [&](const auto& one) { return peer.starts_with(one.id + "@"); }))
            missing.push_back(peer);
    missed_ = missing.empty() ? 0 : missed_ + 1;
    if (!options_.questions.dial || missed_ < options_.dial_after) return;
    missed_ = 0;
    options_.questions.dial(missing);
}

void EngineWatch::count_power(EngineHealth& found, const std::vector<EnginePeer>& peers) const {
    const auto validators = options_.questions.validators();
    if (!validators) return;
    for (const auto& validator : *validators) {
        found.power_total += validator.power;
        if (validator.id == options_.own_id ||
            std::ranges::find(peers, validator.id, &EnginePeer::id) != peers.end())
            found.power_here += validator.power;
        else
            found.absent.push_back(validator.id);
    }
    // A peer that validates nothing may be a sentry, with validators behind it; and so may any peer
    // of a node that validates nothing itself.
    const auto validates = [&](const std::string& id) {
        return std::ranges::find(*validators, id, &EngineValidator::id) != validators->end();
    };
    found.sees_all =
        validates(options_.own_id) && std::ranges::all_of(peers, validates, &EnginePeer::id);
}

EngineHealth EngineWatch::health() const {
    const std::lock_guard lock{mutex_};
    return health_;
}

std::vector<std::string> EngineWatch::not_ready() const {
    const std::lock_guard lock{mutex_};
    if (!health_.answers)
        return answered_before_ ? std::vector<std::string>{"The engine does not answer."}
                                : std::vector<std::string>{"The engine is starting."};
    std::vector<std::string> reasons;
    if (health_.peers == 0 && options_.expects_peers)
        reasons.emplace_back(
            "The node has no peers: either none can be reached, or none admits this node's key, or "
            "another node runs with the same key.");
    if (health_.sees_all && health_.power_total > 0 &&
        3 * health_.power_here <= 2 * health_.power_total) {
        std::string absent;
        for (const auto& id : health_.absent) absent += (absent.empty() ? "" : ", ") + id;
        reasons.push_back(
            "Too few of the authorities' nodes are connected: they have " +
            std::to_string(100 * health_.power_here / health_.power_total) +
            " % of the votes, and more than two thirds are needed for a block. Missing: " + absent +
            ".");
    }
    if (const auto behind = blocks_behind(health_);
        behind > options_.blocks_behind_max || (health_.catching_up && behind > 0))
        reasons.push_back("The node is " + std::to_string(behind) +
                          " blocks behind the head and catches up.");
    // One among many is in the log: what it got wrong is not this node's trouble.
    if (2 * health_.strangers.size() >= health_.peers)
        for (const auto& stranger : health_.strangers)
            reasons.push_back("The peer " + stranger +
                              " serves another ledger: the two were set up with different genesis "
                              "files. Compare the ledger ids that `tallyd network status` shows.");
    return reasons;
}

}  // namespace tallystick::node
