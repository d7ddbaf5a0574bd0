#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.hpp"

/// The Merkle tree of RFC 6962, which is also CometBFT's: leaf SHA-256(00 x), inner
/// SHA-256(01 left right), split at the largest power of two below the number of leaves, empty
/// SHA-256(""). Headers, commits, validator sets, data and the log use it.
namespace tallystick::merkle {

[[nodiscard]] Hash empty_root() noexcept;
[[nodiscard]] Hash leaf_hash(std::string_view leaf) noexcept;
[[nodiscard]] Hash inner_hash(const Hash& left, const Hash& right) noexcept;

/// Root over leaves that are not hashed yet.
[[nodiscard]] Hash root(std::span<const std::string> leaves);
/// Root over `leaf_hash` of each leaf.
[[nodiscard]] Hash root_of_leaf_hashes(std::span<const Hash> leaf_hashes);

/// The right edge of a tree that only grows: all that is needed to append to it and to know its
/// root. At most 64 hashes.
class Frontier {
  public:
    /// The empty tree.
    Frontier() = default;

    /// Nothing unless there is one peak for each bit that is set in `size`.
    [[nodiscard]] static std::optional<Frontier> from(std::uint64_t size, std::vector<Hash> peaks);

    /// @pre fewer than 2^64 - 1 leaves.
    void append(const Hash& leaf_hash);

    [[nodiscard]] Hash root() const;
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Roots of the complete subtrees, largest (leftmost) first.
    [[nodiscard]] const std::vector<Hash>& peaks() const noexcept { return peaks_; }

    friend bool operator==(const Frontier&, const Frontier&) = default;

  private:
    std::uint64_t size_ = 0;
    std::vector<Hash> peaks_;
};

}  // namespace tallystick::merkle
