#include "node/engine/cometbft/flood.hpp"

#include <algorithm>

namespace tallystick::node {
namespace {

constexpr std::uint64_t thousandths = 1000;

}  // namespace

void FloodGuard::Bucket::fill(std::uint64_t per_second, std::uint64_t burst,
                              std::uint64_t elapsed_ms) {
    const auto full = burst * thousandths;
    // A second is a thousand milliseconds, a unit a thousand thousandths: they cancel out. An
    // elapsed time that would overflow has filled it long since.
    const auto enough_ms = full / per_second + 1;
    level = std::min(full, level + std::min(elapsed_ms, enough_ms) * per_second);
}

FloodGuard::Node& FloodGuard::node_at(const PublicKey& key, std::uint64_t steady_ms) {
    const auto [place, is_new] = nodes_.try_emplace(key);
    auto& node = place->second;
    if (is_new) {
        node.bundle_rate.level = limits_.bundles_burst * thousandths;
        node.byte_rate.level = limits_.bytes_burst * thousandths;
    } else if (steady_ms > node.filled_at_ms) {
        const auto elapsed = steady_ms - node.filled_at_ms;
        node.bundle_rate.fill(limits_.bundles_per_second, limits_.bundles_burst, elapsed);
        node.byte_rate.fill(limits_.bytes_per_second, limits_.bytes_burst, elapsed);
    }
    node.filled_at_ms = steady_ms;
    return node;
}

std::optional<std::string_view> FloodGuard::excess(const PublicKey& key, std::size_t size_bytes,
                                                   std::uint64_t steady_ms) {
    const auto& node = node_at(key, steady_ms);
    if (node.bundles >= limits_.bundles_waiting_max) return "too many bundles of this node wait";
    if (node.bytes + size_bytes > limits_.bytes_waiting_max)
        return "too many bytes of this node wait";
    if (node.bundle_rate.level < thousandths) return "this node sends bundles too fast";
    if (node.byte_rate.level < size_bytes * thousandths) return "this node sends bytes too fast";
    return std::nullopt;
}

void FloodGuard::add(const PublicKey& key, std::size_t size_bytes) {
    auto& node = nodes_[key];
    ++node.bundles;
    node.bytes += size_bytes;
    node.bundle_rate.level -= std::min(node.bundle_rate.level, thousandths);
    node.byte_rate.level -= std::min<std::uint64_t>(node.byte_rate.level, size_bytes * thousandths);
}

void FloodGuard::remove(const PublicKey& key, std::size_t size_bytes) {
    const auto found = nodes_.find(key);
    if (found == nodes_.end()) return;
    auto& node = found->second;
    node.bundles -= std::min<std::size_t>(node.bundles, 1);
    node.bytes -= std::min(node.bytes, size_bytes);
}

void FloodGuard::forget_waiting() {
    for (auto& [key, node] : nodes_) {
        node.bundles = 0;
        node.bytes = 0;
    }
}

std::size_t FloodGuard::bundles_waiting(const PublicKey& key) const {
    const auto found = nodes_.find(key);
    return found == nodes_.end() ? 0 : found->second.bundles;
}

}  // namespace tallystick::node
