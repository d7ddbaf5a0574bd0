#include "ledger/merkle/state_tree.hpp"

#include <algorithm>
#include <utility>

#include "ledger/merkle/tree_pool.hpp"
#include "protocol/state_proof.hpp"

namespace tallystick::ledger {

namespace {

/// Says when the last snapshot of a version is gone. It may go on any thread; what that thread read
/// happens before the writer, which sees the flag, writes the nodes anew.
struct Lease {
    std::shared_ptr<std::atomic<bool>> released = std::make_shared<std::atomic<bool>>(false);

    Lease() = default;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { released->store(true, std::memory_order_release); }
};

using ChangeSpan = std::span<const TreeChange>;

struct Halves {
    ChangeSpan left;
    ChangeSpan right;
};

Halves split(ChangeSpan changes, std::size_t depth) {
    const auto middle = std::ranges::partition_point(
        changes, [depth](const TreeChange& it) { return !sparse::bit(it.path, depth); });
    const auto count = static_cast<std::size_t>(middle - changes.begin());
    return {changes.first(count), changes.subspan(count)};
}

/// One batch of changes. Visits only subtrees that change; each new inner node is hashed once.
class Batch {
  public:
    Batch(TreePool& pool, std::vector<NodeRef>& retired) : pool_(pool), retired_(retired) {}

    [[nodiscard]] NodeRef update(NodeRef node, ChangeSpan changes, std::size_t depth);
    [[nodiscard]] std::int64_t leaves_added() const noexcept { return leaves_added_; }

  private:
    [[nodiscard]] NodeRef build(ChangeSpan changes, NodeRef existing, std::size_t depth);
    [[nodiscard]] NodeRef put_leaf(const TreeChange& change);
    [[nodiscard]] NodeRef join(NodeRef left, NodeRef right);
    void retire(NodeRef node) { retired_.push_back(node); }

    TreePool& pool_;
    std::vector<NodeRef>& retired_;
    std::int64_t leaves_added_ = 0;
};

NodeRef Batch::update(NodeRef node, ChangeSpan changes, std::size_t depth) {
    if (changes.empty()) return node;
    if (!node.is_inner()) return build(changes, node, depth);
    const auto old = pool_.inners.at(node.number());
    const auto halves = split(changes, depth);
    const auto left = update(old.left, halves.left, depth + 1);
    const auto right = update(old.right, halves.right, depth + 1);
    if (left == old.left && right == old.right) return node;
    retire(node);
    return join(left, right);
}

/// A subtree of changes and at most one leaf that was there.
NodeRef Batch::build(ChangeSpan changes, NodeRef existing, std::size_t depth) {
    if (changes.empty()) return existing;
    if (changes.size() == 1) {
        if (existing.is_empty()) return put_leaf(changes[0]);
        if (pool_.leaves.at(existing.number()).path == changes[0].path) {
            retire(existing);
            --leaves_added_;
            return put_leaf(changes[0]);
        }
    }
    const auto halves = split(changes, depth);
    const bool goes_right =
        !existing.is_empty() && sparse::bit(pool_.leaves.at(existing.number()).path, depth);
    const auto left = build(halves.left, goes_right ? NodeRef{} : existing, depth + 1);
    const auto right = build(halves.right, goes_right ? existing : NodeRef{}, depth + 1);
    return join(left, right);
}

NodeRef Batch::put_leaf(const TreeChange& change) {
    if (!change.value_hash) return {};
    ++leaves_added_;
    return NodeRef::leaf(pool_.leaves.take(
        {change.path, *change.value_hash, sparse::leaf_hash(change.path, *change.value_hash)}));
}

NodeRef Batch::join(NodeRef left, NodeRef right) {
    // A subtree with one leaf is that leaf.
    if (left.is_empty() && !right.is_inner()) return right;
    if (right.is_empty() && !left.is_inner()) return left;
    return NodeRef::inner(pool_.inners.take(
        {sparse::inner_hash(pool_.hash_of(left), pool_.hash_of(right)), left, right}));
}

/// The leaf or the nothing in which `path` ends; told of each inner node on the way.
template <class OnInner>
NodeRef descend(const TreePool& pool, NodeRef node, const Hash& path, OnInner on_inner) {
    for (std::size_t depth = 0; node.is_inner(); ++depth) {
        const auto& inner = pool.inners.at(node.number());
        const bool right = sparse::bit(path, depth);
        on_inner(right ? inner.left : inner.right);
        node = right ? inner.right : inner.left;
    }
    return node;
}

std::optional<Hash> find_in(const TreePool& pool, NodeRef root, const Hash& path) {
    const auto end = descend(pool, root, path, [](NodeRef) {});
    if (end.is_empty()) return std::nullopt;
    const auto& leaf = pool.leaves.at(end.number());
    if (leaf.path != path) return std::nullopt;
    return leaf.value_hash;
}

}  // namespace

/// Nodes that versions up to one moment needed.
struct StateTree::Retired {
    std::shared_ptr<std::atomic<bool>> released;  ///< null: no snapshot was taken of that version
    std::vector<NodeRef> nodes;
};

StateTree::StateTree()
    : pool_(std::make_shared<TreePool>()), root_(NodeRef{}.raw()), root_hash_(sparse::empty_hash) {}
StateTree::~StateTree() = default;
StateTree::StateTree(StateTree&&) noexcept = default;
StateTree& StateTree::operator=(StateTree&&) noexcept = default;

void StateTree::update(std::span<const TreeChange> changes) {
    ensure(std::ranges::is_sorted(changes, std::ranges::less_equal{}, &TreeChange::path) ||
               changes.size() < 2,
           "changes of the tree strictly ascend");
    reclaim();
    auto& retired = retired_.emplace_back();
    if (lease_) retired.released = std::static_pointer_cast<const Lease>(lease_)->released;
    Batch batch{*pool_, retired.nodes};
    root_ = batch.update(NodeRef::from_raw(root_), changes, 0).raw();
    root_hash_ = pool_->hash_of(NodeRef::from_raw(root_));
    leaves_ = static_cast<std::size_t>(static_cast<std::int64_t>(leaves_) + batch.leaves_added());
    lease_.reset();
    reclaim();
}

void StateTree::reclaim() {
    while (!retired_.empty()) {
        const auto& oldest = retired_.front();
        if (oldest.released && !oldest.released->load(std::memory_order_acquire)) return;
        for (const auto node : oldest.nodes) {
            if (node.is_leaf())
                pool_->leaves.give_back(node.number());
            else
                pool_->inners.give_back(node.number());
        }
        retired_.pop_front();
    }
}

std::optional<Hash> StateTree::find(const Hash& path) const {
    return find_in(*pool_, NodeRef::from_raw(root_), path);
}

TreeSnapshot StateTree::snapshot() {
    if (!lease_) lease_ = std::make_shared<const Lease>();
    return {pool_, lease_, root_, root_hash_};
}

TreeSnapshot::TreeSnapshot(std::shared_ptr<TreePool> pool, std::shared_ptr<const void> lease,
                           std::uint32_t root, const Hash& root_hash)
    : pool_(std::move(pool)), lease_(std::move(lease)), root_(root), root_hash_(root_hash) {}

std::optional<Hash> TreeSnapshot::find(const Hash& path) const {
    return find_in(*pool_, NodeRef::from_raw(root_), path);
}

pb::StateProof TreeSnapshot::prove(const Hash& path) const {
    pb::StateProof proof;
    const auto end = descend(*pool_, NodeRef::from_raw(root_), path, [&](NodeRef sibling) {
        proof.add_siblings(pool_->hash_of(sibling).str());
    });
    if (end.is_empty()) return proof;
    const auto& leaf = pool_->leaves.at(end.number());
    if (leaf.path != path) {
        proof.set_other_path(leaf.path.str());
        proof.set_other_value_hash(leaf.value_hash.str());
    }
    return proof;
}

}  // namespace tallystick::ledger
