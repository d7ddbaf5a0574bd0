#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "protocol/merkle.hpp"
#include "protocol/pb.hpp"

/// Proofs of the log, RFC 6962 as verified in RFC 9162, sections 2.1.3.2 and 2.1.4.2.
namespace tallystick {

/// The hashes of a repeated field; nothing if one has not 32 bytes or there are more than `max`.
[[nodiscard]] std::optional<std::vector<Hash>> hashes_from(
    const google::protobuf::RepeatedPtrField<std::string>& raw, std::size_t max);

/// Is `leaf_hash` the leaf number `index` (from 0) of the tree with `size` leaves and this root?
/// `path` is leaf to root and must have exactly the length that the tree demands.
[[nodiscard]] bool verify_inclusion(const Hash& leaf_hash, std::uint64_t index, std::uint64_t size,
                                    std::span<const Hash> path, const Hash& root) noexcept;

/// A tree's size and root.
struct LogHead {
    std::uint64_t size = 0;
    Hash root;
    friend bool operator==(const LogHead&, const LogHead&) = default;
};

/// Is the second tree the first one with leaves appended? The empty tree extends to every tree by
/// an empty path; so does each tree to itself.
[[nodiscard]] bool verify_consistency(const LogHead& first, const LogHead& second,
                                      std::span<const Hash> path) noexcept;

}  // namespace tallystick
