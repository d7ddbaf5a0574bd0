#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "protocol/types.hpp"

namespace tallystick::ledger {

/// Names a complete subtree of the RFC 6962 tree: leaves `index * 2^level` up to, without,
/// `(index + 1) * 2^level`.
struct LogNodeId {
    std::uint32_t level = 0;
    std::uint64_t index = 0;
    friend auto operator<=>(const LogNodeId&, const LogNodeId&) = default;
};

struct LogNode {
    LogNodeId id;
    Hash hash;
};

/// Nodes of this level and above are stored; those below are worked out from the leaves when a
/// proof needs them (at most 63 hashes), which saves 63 of 64 writes.
inline constexpr std::uint32_t log_level_stored_min = 6;

/// The log's right edge: what is needed to append and to give the root. One thread.
class LogTree {
  public:
    LogTree() = default;

    /// Continues a log of `size` entries whose complete subtrees, largest first, are `edge`.
    /// @pre `edge` has one hash for each bit set in `size`.
    LogTree(std::uint64_t size, std::vector<Hash> edge);

    /// Appends leaves, already hashed as `SHA-256(00 entry)`, and gives the nodes that became
    /// complete and are to be stored, in the order in which they did.
    std::vector<LogNode> append(std::span<const Hash> leaves);

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Of an empty log: SHA-256 of nothing.
    [[nodiscard]] Hash root() const;

  private:
    std::uint64_t size_ = 0;
    std::vector<Hash> edge_;  ///< complete subtrees, largest first
};

/// Which complete subtrees make up the right edge of a log of `size` entries, largest first.
[[nodiscard]] std::vector<LogNodeId> log_edge(std::uint64_t size);

/// Gives the hash of a complete subtree; nothing if it cannot be read.
using LogNodeReader = std::function<std::optional<Hash>(LogNodeId)>;

/// The root of the log's first `size` entries. Nothing if a node cannot be read.
[[nodiscard]] std::optional<Hash> log_root_at(std::uint64_t size, const LogNodeReader& read);

/// RFC 6962 section 2.1.1: the audit path of entry `index` among the first `size`.
/// @pre index < size. Nothing if a node cannot be read.
[[nodiscard]] std::optional<std::vector<Hash>> log_inclusion_path(std::uint64_t index,
                                                                  std::uint64_t size,
                                                                  const LogNodeReader& read);

/// RFC 6962 section 2.1.2: proves that the first `first` entries of the log of `second` entries are
/// the log of `first` entries. Empty if they are the same size or `first` is 0.
/// @pre first <= second. Nothing if a node cannot be read.
[[nodiscard]] std::optional<std::vector<Hash>> log_consistency_path(std::uint64_t first,
                                                                    std::uint64_t second,
                                                                    const LogNodeReader& read);

}  // namespace tallystick::ledger
