#include "ledger/merkle/log_tree.hpp"

#include <bit>
#include <utility>

#include "protocol/ensure.hpp"
#include "protocol/merkle.hpp"

namespace tallystick::ledger {

namespace {

/// Leaves `begin` to `end` of the log, as RFC 6962 cuts it.
struct Range {
    std::uint64_t begin;
    std::uint64_t end;
};

/// The largest power of two below `size`. @pre size >= 2
std::uint64_t split_point(std::uint64_t size) {
    return std::bit_floor(size - 1);
}

std::optional<Hash> subtree_hash(Range range, const LogNodeReader& read) {
    const auto size = range.end - range.begin;
    // Subtrees that start at a multiple of their size, a power of two, are complete nodes.
    if (std::has_single_bit(size) && range.begin % size == 0)
        return read({static_cast<std::uint32_t>(std::countr_zero(size)), range.begin / size});
    const auto middle = range.begin + split_point(size);
    const auto left = subtree_hash({range.begin, middle}, read);
    if (!left) return std::nullopt;
    const auto right = subtree_hash({middle, range.end}, read);
    if (!right) return std::nullopt;
    return merkle::inner_hash(*left, *right);
}

bool add(std::vector<Hash>& path, const std::optional<Hash>& hash) {
    if (hash) path.push_back(*hash);
    return hash.has_value();
}

bool inclusion(std::uint64_t index, Range range, const LogNodeReader& read,
               std::vector<Hash>& path) {
    if (range.end - range.begin == 1) return true;
    const auto middle = range.begin + split_point(range.end - range.begin);
    const Range left{range.begin, middle};
    const Range right{middle, range.end};
    if (index < middle)
        return inclusion(index, left, read, path) && add(path, subtree_hash(right, read));
    return inclusion(index, right, read, path) && add(path, subtree_hash(left, read));
}

/// SUBPROOF of RFC 6962: `known` says that the verifier has the range's root already.
bool consistency(std::uint64_t first, Range range, bool known, const LogNodeReader& read,
                 std::vector<Hash>& path) {
    if (first == range.end) return known || add(path, subtree_hash(range, read));
    const auto middle = range.begin + split_point(range.end - range.begin);
    const Range left{range.begin, middle};
    const Range right{middle, range.end};
    if (first <= middle)
        return consistency(first, left, known, read, path) && add(path, subtree_hash(right, read));
    return consistency(first, right, false, read, path) && add(path, subtree_hash(left, read));
}

}  // namespace

LogTree::LogTree(std::uint64_t size, std::vector<Hash> edge) : size_(size), edge_(std::move(edge)) {
    ensure(static_cast<std::size_t>(std::popcount(size_)) == edge_.size(),
           "the log's edge has a subtree for each bit of its size");
}

std::vector<LogNode> LogTree::append(std::span<const Hash> leaves) {
    std::vector<LogNode> complete;
    for (const auto& leaf : leaves) {
        Hash hash = leaf;
        LogNodeId id{0, size_};
        // As in binary addition: each trailing one of the size is a subtree that this completes.
        for (auto ones = std::countr_one(size_); ones > 0; --ones) {
            hash = merkle::inner_hash(edge_.back(), hash);
            edge_.pop_back();
            id = {id.level + 1, id.index / 2};
            if (id.level >= log_level_stored_min) complete.push_back({id, hash});
        }
        edge_.push_back(hash);
        ++size_;
    }
    return complete;
}

Hash LogTree::root() const {
    if (edge_.empty()) return merkle::empty_root();
    Hash root = edge_.back();
    for (auto i = edge_.size() - 1; i > 0; --i) root = merkle::inner_hash(edge_[i - 1], root);
    return root;
}

std::vector<LogNodeId> log_edge(std::uint64_t size) {
    std::vector<LogNodeId> edge;
    std::uint64_t begin = 0;
    while (begin < size) {
        const auto subtree = std::bit_floor(size - begin);
        edge.push_back({static_cast<std::uint32_t>(std::countr_zero(subtree)), begin / subtree});
        begin += subtree;
    }
    return edge;
}

std::optional<Hash> log_root_at(std::uint64_t size, const LogNodeReader& read) {
    if (size == 0) return merkle::empty_root();
    return subtree_hash({0, size}, read);
}

std::optional<std::vector<Hash>> log_inclusion_path(std::uint64_t index, std::uint64_t size,
                                                    const LogNodeReader& read) {
    ensure(index < size, "a proof is asked for an entry of the log");
    std::vector<Hash> path;
    if (!inclusion(index, {0, size}, read, path)) return std::nullopt;
    return path;
}

std::optional<std::vector<Hash>> log_consistency_path(std::uint64_t first, std::uint64_t second,
                                                      const LogNodeReader& read) {
    ensure(first <= second, "an older log is not larger");
    std::vector<Hash> path;
    if (first == 0 || first == second) return path;
    if (!consistency(first, {0, second}, true, read, path)) return std::nullopt;
    return path;
}

}  // namespace tallystick::ledger
