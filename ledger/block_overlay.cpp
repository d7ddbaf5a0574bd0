#include "ledger/block_overlay.hpp"

#include <algorithm>
#include <utility>

#include "ledger/key_hash.hpp"

namespace tallystick::ledger {

namespace {

constexpr std::size_t bucket_count = 4096;

std::size_t bucket_of(std::string_view key) noexcept {
    return key_hash(key) % bucket_count;
}

}  // namespace

BlockOverlay::BlockOverlay(const StateView& base) : base_(base), buckets_(bucket_count) {}

ValuePtr BlockOverlay::find(const std::string& key,
                            const google::protobuf::Message& prototype) const {
    const auto& bucket = buckets_[bucket_of(key)];
    const auto changed = bucket.find(key);
    return changed != bucket.end() ? changed->second : base_.find(key, prototype);
}

void BlockOverlay::merge(Changes changes) {
    while (!changes.empty()) {
        auto node = changes.extract(changes.begin());
        const auto number = bucket_of(node.key());
        auto& bucket = buckets_[number];
        if (bucket.empty()) used_.push_back(number);
        auto placed = bucket.insert(std::move(node));
        if (!placed.inserted) placed.position->second = std::move(placed.node.mapped());
    }
}

Changes BlockOverlay::take_changes() {
    std::vector<Changes::node_type> nodes;
    for (const auto number : used_) {
        auto& bucket = buckets_[number];
        while (!bucket.empty()) nodes.push_back(bucket.extract(bucket.begin()));
    }
    used_.clear();
    std::ranges::sort(nodes, {}, [](const auto& node) -> const std::string& { return node.key(); });
    Changes all;
    for (auto& node : nodes) all.insert(all.end(), std::move(node));
    return all;
}

}  // namespace tallystick::ledger
