#include "wallet/core/follower.hpp"

#include "protocol/canonical.hpp"
#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::string_view protobuf_type = "application/x-protobuf";

Failure<Problem> unproved(const ReceiptError& error) {
    return problem(Exit::failed, "unproved",
                   "Unproved (" + std::string{receipt_error_name(error)} +
                       "): " + std::string{receipt_error_sentence(error)});
}

/// A trust file that knows of nothing but a head that this wallet has verified itself.
Trust trust_of_head(const Trust& trust, const pb::Receipt& head) {
    const auto& header = head.block().header();
    Trust made = trust;
    TrustedSet set{header.height(), std::nullopt, {}};
    for (const auto& validator : head.block().validators().validators())
        if (const auto key = PublicKey::from(validator.public_key()))
            set.validators.push_back({std::string{authority_of(trust, validator.public_key())},
                                      *key, validator.power()});
    made.segments = {
        {header.chain_id(),
         {header.height(), header.time().seconds(), header.time().nanos(), header_hash(header)},
         {std::move(set)}}};
    return made;
}

bool is_contradiction(const Problem& refused) {
    return refused.code == "fork" || refused.code == "log_rewritten" ||
           refused.code == "head_damaged";
}

}  // namespace

std::string_view node_state_name(NodeState state) noexcept {
    switch (state) {
        case NodeState::agrees: return "agrees";
        case NodeState::behind: return "behind";
        case NodeState::silent: return "silent";
        case NodeState::unproved: return "unproved";
    }
    return "unknown";
}

Problem trust_expired(std::int64_t trusted_time, std::uint64_t period_seconds, std::uint64_t now) {
    const auto since = static_cast<std::uint64_t>(trusted_time);
    return {Exit::failed, "trust_expired",
            "The newest block that this wallet trusts is of " + rfc3339(since) + ", about " +
                about_text(now > since ? now - since : 0) +
                " ago. This ledger's trusting period is " + duration_text(period_seconds) +
                ": after that, whoever got hold of keys that authorities have long given up could "
                "lead a wallet to a false chain, and it would not notice. So it does not go on by "
                "itself. Get a fresh trust file from an authority, by a way that you trust (not "
                "from the node that you are about to check), compare it with another authority's "
                "(tally trust show FILE), then: tally profile add NAME --trust FILE. Receipts that "
                "you have still verify with the trust file that you have."};
}

FollowingClock Follower::clock_at(std::uint64_t now) const {
    FollowingClock clock;
    clock.now = make_timestamp(static_cast<std::int64_t>(now), 0);
    clock.trusting_period_seconds = trust_.trusting_period_seconds;
    clock.drift_seconds = clock_drift_seconds;
    return clock;
}

Try<Follower::Start> Follower::start() const {
    const auto head = heads_.newest(trust_.ledger_id);
    if (!head) return Failure{head.error()};
    const auto& trusted = trust_.segments.back().trusted;
    if (!*head || (*head)->block().header().height() <= trusted.height)
        return Start{trust_, trusted.height, trusted.seconds};
    const auto& header = (*head)->block().header();
    return Start{trust_of_head(trust_, **head), header.height(), header.time().seconds()};
}

Try<pb::Receipt> Follower::way_from(const Node& node, const Trust& trust, std::int64_t height,
                                    const FollowingClock* clock) const {
    const auto bytes =
        node.get_bytes("/v1/trail", {{"from", std::to_string(height)}}, std::string{protobuf_type});
    if (!bytes) return Failure{bytes.error()};
    auto way = decode_canonical_as<pb::Receipt>(*bytes);
    if (bytes->size() > receipt_bytes_max || !way ||
        way->statement_case() != pb::Receipt::STATEMENT_NOT_SET || !way->envelope().empty())
        return unproved({ReceiptFault::not_canonical, std::nullopt, std::nullopt});
    if (const auto walked = walk(*way, trust, clock); !walked) return unproved(walked.error());
    if (const auto fits = check_app_state(*way); !fits) return unproved(fits.error());
    return std::move(*way);
}

NodeSaid Follower::judge(const Node& node, const Start& from, const FollowingClock& clock,
                         pb::Receipt& way) const {
    NodeSaid said;
    said.node = node.name();
    auto got = way_from(node, from.trust, from.height, &clock);
    said.state = NodeState::agrees;
    if (!got && got.error().code == "unproved") {
        // A node that is behind the start has no way from there: what it shows may be true, and
        // old.
        auto old = way_from(node, trust_, trust_.segments.back().trusted.height, nullptr);
        if (old && old->block().header().height() < from.height) {
            got = std::move(old);
            said.state = NodeState::behind;
        }
    }
    if (!got) {
        said.state = got.error().code == "unproved" ? NodeState::unproved : NodeState::silent;
        said.code = got.error().code;
        said.message = got.error().message;
        return said;
    }
    way = std::move(*got);
    said.height = way.block().header().height();
    said.time = way.block().header().time().seconds();
    return said;
}

Try<void> Follower::compare_at(const Node& node, const pb::Receipt& seen) const {
    const auto& header = seen.block().header();
    const auto bytes = node.get_bytes("/v1/light-blocks/" + std::to_string(header.height()), {},
                                      std::string{protobuf_type});
    // A node that joined late does not have it.
    if (!bytes) return {};
    const auto block = decode_canonical_as<pb::LightBlock>(*bytes);
    if (block && header_hash(block->header()) == header_hash(header)) return {};
    if (!block || !is_fork(*block, seen.block(), SlotRule::blank))
        return problem(Exit::failed, "unproved",
                       "Unproved: the node shows another block of height " +
                           std::to_string(header.height()) +
                           " than this wallet has seen, without the authorities' signatures.");
    pb::Receipt other;
    other.set_ledger_id(seen.ledger_id());
    *other.mutable_block() = *block;
    return heads_.contradiction("fork",
                                "two different blocks of height " +
                                    std::to_string(header.height()) +
                                    " are both signed by the authorities",
                                seen, other);
}

Try<Followed> Follower::follow(std::uint64_t now) {
    const auto from = start();
    if (!from) return Failure{from.error()};
    const auto clock = clock_at(now);
    const auto age = static_cast<std::int64_t>(now) - from->time;
    if (age >= 0 && static_cast<std::uint64_t>(age) >= trust_.trusting_period_seconds)
        return Failure{trust_expired(from->time, trust_.trusting_period_seconds, now)};
    const auto before = heads_.newest(trust_.ledger_id);
    if (!before) return Failure{before.error()};

    Followed followed;
    std::vector<pb::Receipt> ways(nodes_.size());
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        auto said = judge(nodes_[i], *from, clock, ways[i]);
        if (said.state == NodeState::agrees || said.state == NodeState::behind) {
            auto same = *before ? compare_at(nodes_[i], **before) : Try<void>{};
            if (same) {
                const auto seen = heads_.watch(nodes_[i], ways[i]);
                if (!seen) same = Failure{seen.error()};
            }
            if (!same && is_contradiction(same.error())) return Failure{same.error()};
            if (!same) {
                said.state = NodeState::unproved;
                said.code = same.error().code;
                said.message = same.error().message;
            } else if (!best || said.height > followed.nodes[*best].height) {
                best = i;
            }
        }
        followed.nodes.push_back(std::move(said));
    }
    if (!best) {
        for (const auto& said : followed.nodes)
            if (said.state == NodeState::unproved)
                return problem(Exit::failed, said.code, said.node + ": " + said.message);
        return problem(Exit::no_node, "no_node",
                       "No node answers: " + followed.nodes.front().message);
    }
    const auto newest = followed.nodes[*best];
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        auto& said = followed.nodes[i];
        if (said.state != NodeState::agrees || said.height == newest.height) continue;
        // Two that are at different heights may yet be on different chains.
        const auto same = compare_at(nodes_[*best], ways[i]);
        if (!same && is_contradiction(same.error())) return Failure{same.error()};
        if (newest.time - said.time > behind_seconds) said.state = NodeState::behind;
    }
    if (*before && newest.height < (*before)->block().header().height())
        return problem(Exit::no_node, "node_behind",
                       "Every node that answers is behind: the newest block that is proved is " +
                           std::to_string(newest.height) + " of " +
                           rfc3339(static_cast<std::uint64_t>(newest.time)) +
                           ", and this wallet has seen block " +
                           std::to_string((*before)->block().header().height()) +
                           ". Ask another authority's node, or wait.");
    followed.best = *best;
    followed.head = std::move(ways[*best]);
    return followed;
}

Try<Trust> Follower::renew(const Followed& followed, std::uint64_t now) const {
    const auto& node = nodes_.at(followed.best);
    const auto way = way_from(node, trust_, trust_.segments.back().trusted.height, nullptr);
    if (!way) return Failure{way.error()};
    // The way from the trust file has no clock; the head that was followed with one must lie on it.
    const auto& head = followed.head.block();
    const bool same = header_hash(way->block().header()) == header_hash(head.header());
    if (!same &&
        !verify_following(trusted_from(head), way->block(), SlotRule::blank, clock_at(now)))
        return problem(Exit::failed, "trust_apart",
                       "What leads on from the trust file does not meet the newest block that this "
                       "wallet has followed. The trust file stays as it is. Ask again, or another "
                       "authority's node.");
    return extend_trust(trust_, *way);
}

}  // namespace tallystick::wallet
