#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/walk.hpp"
#include "wallet/core/heads.hpp"
#include "wallet/core/node.hpp"

/// Follows the head of a chain by skipping verification, with the clock rules: each step within the
/// trusting period, none from the future. It starts from the newest header that the wallet has
/// verified itself or that the trust file names, asks every node that is known, keeps the newest
/// that is proved, and notices who is behind, who lies, and a fork. One thread.
namespace tallystick::wallet {

/// How far ahead of ours an authority's clock may be.
inline constexpr std::uint64_t clock_drift_seconds = 60;
/// A node whose newest block is so much older than another's is behind; less is the way of
/// networks.
inline constexpr std::int64_t behind_seconds = 30;

/// What came of asking one node.
enum class NodeState : std::uint8_t {
    agrees = 1,
    behind = 2,    ///< proved, but older than what another node proved or this wallet has seen
    silent = 3,    ///< nobody answers there, or it has nothing to give
    unproved = 4,  ///< what it said does not verify: it lies or is damaged
};
[[nodiscard]] std::string_view node_state_name(NodeState state) noexcept;

struct NodeSaid {
    std::string node;  ///< its address
    NodeState state = NodeState::silent;
    std::int64_t height = 0;  ///< of the block that it proved; 0 if none
    std::int64_t time = 0;    ///< of that block, seconds
    std::string code;         ///< why silent or unproved
    std::string message;
};

struct Followed {
    pb::Receipt head;  ///< the newest that is proved, with the way that led there
    std::vector<NodeSaid> nodes;
    std::size_t best = 0;  ///< which node gave it
};

/// Since when nothing newer is trusted, and what to do once that is too long ago.
[[nodiscard]] Problem trust_expired(std::int64_t trusted_time, std::uint64_t period_seconds,
                                    std::uint64_t now);

class Follower {
  public:
    /// @pre there is at least one node
    Follower(std::vector<Node> nodes, Trust trust, fs::path wallet_folder)
        : nodes_(std::move(nodes)), trust_(std::move(trust)), heads_(std::move(wallet_folder)) {}

    /// Asks all nodes and keeps the newest head. `now`: seconds since 1970. Refuses `trust_expired`
    /// before it asks anybody; `fork` and `log_rewritten`, keeping the evidence; `unproved` where
    /// no node proves anything though one answers; `no_node` where none answers; `node_behind`
    /// where every node is behind what this wallet has seen; `head_damaged`.
    [[nodiscard]] Try<Followed> follow(std::uint64_t now);

    /// The trust file led on to a head that was followed: newest trusted header, and each set of
    /// validators with the heights that it signed. Refuses what the node refuses, `unproved`, and
    /// `trust_apart` where the way from the trust file does not meet the head.
    [[nodiscard]] Try<Trust> renew(const Followed& followed, std::uint64_t now) const;

  private:
    /// Where to start: a trust file, and the height to name to nodes.
    struct Start {
        Trust trust;
        std::int64_t height = 0;
        std::int64_t time = 0;
    };
    [[nodiscard]] Try<Start> start() const;
    [[nodiscard]] Try<pb::Receipt> way_from(const Node& node, const Trust& trust,
                                            std::int64_t height, const FollowingClock* clock) const;
    [[nodiscard]] NodeSaid judge(const Node& node, const Start& from, const FollowingClock& clock,
                                 pb::Receipt& way) const;
    [[nodiscard]] Try<void> compare_at(const Node& node, const pb::Receipt& seen) const;
    [[nodiscard]] FollowingClock clock_at(std::uint64_t now) const;

    std::vector<Node> nodes_;
    Trust trust_;
    Heads heads_;
};

}  // namespace tallystick::wallet
