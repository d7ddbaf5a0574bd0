#include "node/trail.hpp"

#include <algorithm>

#include "protocol/commit.hpp"
#include "protocol/handover.hpp"
#include "protocol/light_client.hpp"
#include "protocol/trail.hpp"

namespace tallystick::node {

namespace {

constexpr std::size_t found_max = 256;

std::uint64_t height_of(const pb::LightBlock& block) {
    return static_cast<std::uint64_t>(block.header().height());
}

/// The segment that holds a height.
std::size_t segment_at(const std::vector<SegmentInfo>& segments, std::uint64_t height) {
    const auto next = std::ranges::upper_bound(segments, height, {}, &SegmentInfo::first_height);
    return next == segments.begin() ? 0 : static_cast<std::size_t>(next - segments.begin()) - 1;
}

}  // namespace

/// How far the way has come.
struct Trails::Way {
    pb::Receipt& receipt;
    Show show;
    pb::LightBlock at;
    bool is_shown = false;  ///< `at` stands in the receipt
};

Result<pb::LightBlock, ReadError> Trails::light_block(std::uint64_t height) const {
    auto block = node_.light_block(height);
    if (block) blank_slots(*block->mutable_commit());
    return block;
}

Result<pb::LightBlock, ReadError> Trails::begin_at(std::uint64_t from) const {
    auto block = light_block(from);
    if (block || block.error() != ReadError::not_found) return block;
    const auto sets = node_.validator_sets();
    if (!sets) return Failure{sets.error()};
    if (sets->empty() || sets->front().first_height <= from) return block;
    return light_block(sets->front().first_height);
}

Result<std::vector<pb::LightBlock>, ReadError> Trails::between(const pb::LightBlock& from,
                                                               const pb::LightBlock& to) const {
    if (seems_to_lead_to(trusted_from(from), to)) return std::vector<pb::LightBlock>{};
    const std::pair key{from.header().height(), to.header().validators_hash()};
    {
        const std::lock_guard lock{mutex_};
        const auto known = found_.find(key);
        if (known != found_.end() && seems_to_lead_to(trusted_from(known->second.back()), to))
            return known->second;
    }
    auto error = ReadError::not_found;
    auto trail = make_trail(from, to, [&](std::int64_t height) -> std::optional<pb::LightBlock> {
        auto block = light_block(static_cast<std::uint64_t>(height));
        if (block) return std::move(*block);
        error = block.error();
        return std::nullopt;
    });
    // A chain of our own that does not hold together is damage.
    if (!trail) return Failure{trail.error() == TrailFault::missing ? error : ReadError::damaged};
    if (!trail->empty()) {
        const std::lock_guard lock{mutex_};
        if (found_.size() >= found_max) found_.clear();
        found_.insert_or_assign(key, *trail);
    }
    return std::move(*trail);
}

Result<void, ReadError> Trails::leg(Way& way, const pb::LightBlock& to) const {
    if (height_of(way.at) >= height_of(to)) return {};
    auto steps = between(way.at, to);
    if (!steps) return Failure{steps.error()};
    const auto& next = steps->empty() ? to : steps->front();
    // What one trusts is the set that signed `at`: as long as it signs, `at` need not be shown.
    if (!way.is_shown && next.header().validators_hash() != way.at.header().validators_hash())
        *way.receipt.add_trail() = way.at;
    for (auto& step : *steps) *way.receipt.add_trail() = std::move(step);
    // Whoever asks for this leg shows its end.
    way.at = to;
    way.is_shown = true;
    return {};
}

Result<void, ReadError> Trails::go(Way& way, const pb::LightBlock& to) const {
    if (way.show == Show::changes) {
        const auto sets = node_.validator_sets();
        if (!sets) return Failure{sets.error()};
        for (const auto& set : *sets) {
            if (set.first_height <= height_of(way.at) || set.first_height >= height_of(to))
                continue;
            const auto change = light_block(set.first_height);
            if (!change) return Failure{change.error()};
            if (const auto done = leg(way, *change); !done) return done;
            *way.receipt.add_trail() = *change;
        }
    }
    return leg(way, to);
}

Result<void, ReadError> Trails::lead(std::uint64_t from, Show show, pb::Receipt& receipt) const {
    blank_slots(*receipt.mutable_block()->mutable_commit());
    const auto target = receipt.block();
    if (from >= height_of(target)) return {};
    auto begin = begin_at(from);
    // A node that has nothing to lead from shows the block alone: whoever lists its set needs no
    // more.
    if (!begin && begin.error() == ReadError::not_found) return {};
    if (!begin) return Failure{begin.error()};
    const auto segments = node_.segments();
    const auto to = segment_at(segments, height_of(target));
    auto at = segment_at(segments, height_of(*begin));

    // Handovers from the newest back, so that one that is missing shortens the way.
    std::vector<pb::HandoverRecord> handovers;
    for (auto next = to; next > at; --next) {
        const auto name = segment_name(segments[next].chain_id);
        auto record = node_.handover(name ? name->segment : 0);
        if (!record && record.error() != ReadError::not_found) return Failure{record.error()};
        if (!record) {
            begin = light_block(segments[next].first_height);
            if (!begin) return Failure{begin.error()};
            break;
        }
        handovers.push_back(std::move(*record));
    }
    Way way{receipt, show, std::move(*begin), false};
    for (; !handovers.empty(); handovers.pop_back()) {
        auto& record = handovers.back();
        if (const auto done = go(way, record.last()); !done) return done;
        way.at = record.first();
        way.is_shown = true;
        *receipt.add_handovers() = std::move(record);
    }
    return go(way, target);
}

}  // namespace tallystick::node
