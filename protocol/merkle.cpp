#include "protocol/merkle.hpp"

#include <bit>

#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::merkle {

namespace {

// Without these a leaf could pose as an inner node (second preimage).
constexpr std::string_view leaf_prefix{"\x00", 1};
constexpr std::string_view inner_prefix{"\x01", 1};

}  // namespace

Hash empty_root() noexcept {
    return sha256(std::string_view{});
}

Hash leaf_hash(std::string_view leaf) noexcept {
    return sha256_of({leaf_prefix, leaf});
}

Hash inner_hash(const Hash& left, const Hash& right) noexcept {
    return sha256_of({inner_prefix, left.text(), right.text()});
}

// Splitting at the largest power of two gives the same tree as merging complete subtrees of one
// size from the left, so roots need no recursion.
Hash root(std::span<const std::string> leaves) {
    Frontier frontier;
    for (const auto& leaf : leaves) frontier.append(leaf_hash(leaf));
    return frontier.root();
}

Hash root_of_leaf_hashes(std::span<const Hash> leaf_hashes) {
    Frontier frontier;
    for (const auto& hash : leaf_hashes) frontier.append(hash);
    return frontier.root();
}

std::optional<Frontier> Frontier::from(std::uint64_t size, std::vector<Hash> peaks) {
    if (static_cast<std::size_t>(std::popcount(size)) != peaks.size()) return std::nullopt;
    Frontier frontier;
    frontier.size_ = size;
    frontier.peaks_ = std::move(peaks);
    return frontier;
}

void Frontier::append(const Hash& leaf_hash) {
    ensure(size_ < UINT64_MAX, "a log of 2^64 entries");
    auto node = leaf_hash;
    // Each low bit that is set is a complete subtree as large as `node`: they become one.
    for (auto rest = size_; (rest & 1) != 0; rest >>= 1) {
        node = inner_hash(peaks_.back(), node);
        peaks_.pop_back();
    }
    peaks_.push_back(node);
    ++size_;
}

Hash Frontier::root() const {
    if (peaks_.empty()) return empty_root();
    auto node = peaks_.back();
    for (auto peak = peaks_.size() - 1; peak > 0; --peak) node = inner_hash(peaks_[peak - 1], node);
    return node;
}

}  // namespace tallystick::merkle
