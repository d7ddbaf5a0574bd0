#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "protocol/pb.hpp"
#include "protocol/types.hpp"

namespace tallystick::ledger {

/// A leaf to be set, or removed when it has no value.
struct TreeChange {
    Hash path;                       ///< SHA-256 of the state key
    std::optional<Hash> value_hash;  ///< SHA-256 of the canonical value
};

class TreePool;

/// The tree at one moment, unchangeable. May be read from any thread, also while the writer updates
/// the tree it came from, and may outlive it. Cheap to copy. Must not be taken from a moved-from
/// tree.
class TreeSnapshot {
  public:
    [[nodiscard]] const Hash& root() const noexcept { return root_hash_; }

    /// The value hash under `path`, or nothing.
    [[nodiscard]] std::optional<Hash> find(const Hash& path) const;

    /// Inclusion or absence of `path`: siblings, root first; for an absence the other leaf, if one
    /// stands there.
    [[nodiscard]] pb::StateProof prove(const Hash& path) const;

  private:
    friend class StateTree;
    TreeSnapshot(std::shared_ptr<TreePool> pool, std::shared_ptr<const void> lease,
                 std::uint32_t root, const Hash& root_hash);

    std::shared_ptr<TreePool> pool_;
    std::shared_ptr<const void> lease_;
    std::uint32_t root_;
    Hash root_hash_;
};

/// The compact binary sparse Merkle tree of 2-ledger.md, in memory: leaf
/// `SHA-256(00 path value_hash)`, inner `SHA-256(01 left right)`, a subtree with one leaf is that
/// leaf, an empty one is 32 zero bytes. The root does not depend on the order of writes. Nodes are
/// copied when they change, so that snapshots stay; those that no snapshot needs are used again.
/// One writer.
class StateTree {
  public:
    StateTree();
    ~StateTree();
    StateTree(StateTree&&) noexcept;
    StateTree& operator=(StateTree&&) noexcept;
    StateTree(const StateTree&) = delete;
    StateTree& operator=(const StateTree&) = delete;

    /// Applies changes, hashing each inner node above them once. Removing what is not there is
    /// allowed. From an empty tree this is the fast way to build one.
    /// @pre `changes` strictly ascend by path.
    void update(std::span<const TreeChange> changes);

    [[nodiscard]] const Hash& root() const noexcept { return root_hash_; }
    [[nodiscard]] std::size_t size() const noexcept { return leaves_; }
    [[nodiscard]] std::optional<Hash> find(const Hash& path) const;

    /// The tree as it is now, in constant time.
    [[nodiscard]] TreeSnapshot snapshot();

  private:
    struct Retired;

    void reclaim();

    std::shared_ptr<TreePool> pool_;
    std::shared_ptr<const void> lease_;  ///< of the present version; null until a snapshot is taken
    std::deque<Retired> retired_;        ///< oldest first
    std::uint32_t root_;
    Hash root_hash_;
    std::size_t leaves_ = 0;
};

}  // namespace tallystick::ledger
