#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/ensure.hpp"
#include "protocol/types.hpp"

namespace tallystick::ledger {

/// Nodes of one type by number, from 0. They never move, so that snapshots can be read on other
/// threads while nodes are added. One writer.
template <class Node>
class NodeArray {
  public:
    NodeArray() : chunks_(chunks_max) {}

    [[nodiscard]] const Node& at(std::uint32_t number) const noexcept {
        return chunks_[number / chunk_nodes][number % chunk_nodes];
    }

    /// A number in use no longer, or a new one.
    [[nodiscard]] std::uint32_t take(const Node& node) {
        std::uint32_t number = 0;
        if (!free_.empty()) {
            number = free_.back();
            free_.pop_back();
        } else {
            ensure(used_ < chunk_nodes * chunks_max, "the tree in memory is full");
            number = static_cast<std::uint32_t>(used_++);
            auto& chunk = chunks_[number / chunk_nodes];
            if (!chunk) chunk = std::make_unique_for_overwrite<Node[]>(chunk_nodes);
        }
        chunks_[number / chunk_nodes][number % chunk_nodes] = node;
        return number;
    }

    void give_back(std::uint32_t number) { free_.push_back(number); }

  private:
    static constexpr std::size_t chunk_nodes = 8192;
    static constexpr std::size_t chunks_max = 32768;  ///< 268 million nodes

    std::vector<std::unique_ptr<Node[]>> chunks_;  ///< never grows: its slots are read by others
    std::vector<std::uint32_t> free_;
    std::size_t used_ = 0;
};

/// Where a subtree starts: nothing, a leaf, or an inner node.
class NodeRef {
  public:
    constexpr NodeRef() = default;
    [[nodiscard]] static constexpr NodeRef leaf(std::uint32_t number) {
        return NodeRef{number << 2 | leaf_tag};
    }
    [[nodiscard]] static constexpr NodeRef inner(std::uint32_t number) {
        return NodeRef{number << 2 | inner_tag};
    }
    [[nodiscard]] static constexpr NodeRef from_raw(std::uint32_t raw) { return NodeRef{raw}; }

    [[nodiscard]] constexpr bool is_empty() const noexcept { return raw_ == 0; }
    [[nodiscard]] constexpr bool is_leaf() const noexcept { return (raw_ & 3) == leaf_tag; }
    [[nodiscard]] constexpr bool is_inner() const noexcept { return (raw_ & 3) == inner_tag; }
    [[nodiscard]] constexpr std::uint32_t number() const noexcept { return raw_ >> 2; }
    [[nodiscard]] constexpr std::uint32_t raw() const noexcept { return raw_; }

    friend constexpr bool operator==(NodeRef, NodeRef) = default;

  private:
    static constexpr std::uint32_t leaf_tag = 1;
    static constexpr std::uint32_t inner_tag = 2;
    explicit constexpr NodeRef(std::uint32_t raw) noexcept : raw_(raw) {}

    std::uint32_t raw_ = 0;
};

struct LeafNode {
    Hash path;
    Hash value_hash;
    Hash hash;
};

struct InnerNode {
    Hash hash;
    NodeRef left;
    NodeRef right;
};

/// All nodes of a tree and of its snapshots.
class TreePool {
  public:
    NodeArray<LeafNode> leaves;
    NodeArray<InnerNode> inners;

    [[nodiscard]] const Hash& hash_of(NodeRef node) const noexcept {
        static constexpr Hash empty{};
        if (node.is_empty()) return empty;
        return node.is_leaf() ? leaves.at(node.number()).hash : inners.at(node.number()).hash;
    }
};

}  // namespace tallystick::ledger
