#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "protocol/crypto.hpp"
#include "protocol/merkle.hpp"
#include "protocol/pb.hpp"
#include "protocol/state_proof.hpp"

/// Slow trees straight from their definitions, to hold the fast ones and the verifiers against.
namespace tallystick::test {

/// RFC 6962, section 2.1: MTH.
[[nodiscard]] inline Hash slow_root(std::span<const Hash> leaves) {
    if (leaves.empty()) return sha256(std::string_view{});
    if (leaves.size() == 1) return leaves[0];
    const auto split = std::bit_floor(leaves.size() - 1);
    return merkle::inner_hash(slow_root(leaves.first(split)), slow_root(leaves.subspan(split)));
}

/// RFC 6962, section 2.1.1: PATH.
[[nodiscard]] inline std::vector<Hash> slow_path(std::size_t index, std::span<const Hash> leaves) {
    if (leaves.size() <= 1) return {};
    const auto split = std::bit_floor(leaves.size() - 1);
    const bool left = index < split;
    auto path = left ? slow_path(index, leaves.first(split))
                     : slow_path(index - split, leaves.subspan(split));
    path.push_back(slow_root(left ? leaves.subspan(split) : leaves.first(split)));
    return path;
}

/// RFC 6962, section 2.1.2: SUBPROOF.
[[nodiscard]] inline std::vector<Hash> slow_subproof(std::size_t first,
                                                     std::span<const Hash> leaves, bool whole) {
    if (first == leaves.size())
        return whole ? std::vector<Hash>{} : std::vector<Hash>{slow_root(leaves)};
    const auto split = std::bit_floor(leaves.size() - 1);
    if (first <= split) {
        auto proof = slow_subproof(first, leaves.first(split), whole);
        proof.push_back(slow_root(leaves.subspan(split)));
        return proof;
    }
    auto proof = slow_subproof(first - split, leaves.subspan(split), false);
    proof.push_back(slow_root(leaves.first(split)));
    return proof;
}

/// The compact sparse tree over a map, by recursion on the sorted leaves.
class SlowState {
  public:
    std::map<std::string, std::string> values;

    [[nodiscard]] Hash root() const { return root_of(leaves(), 0); }

    [[nodiscard]] pb::StateItem item(const std::string& key) const {
        pb::StateItem item;
        item.set_key(key);
        auto& proof = *item.mutable_proof();
        const auto path = sparse::path_of(key);
        auto rest = leaves();
        for (std::size_t depth = 0; rest.size() > 1; ++depth) {
            auto [left, right] = split(rest, depth);
            const bool goes_right = sparse::bit(path, depth);
            proof.add_siblings(root_of(goes_right ? left : right, depth + 1).str());
            rest = goes_right ? right : left;
        }
        const auto found = values.find(key);
        if (found != values.end()) {
            item.set_present(true);
            item.set_value(found->second);
            return item;
        }
        item.set_value(path.str());
        if (!rest.empty()) {
            proof.set_other_path(rest[0].path.str());
            proof.set_other_value_hash(rest[0].value_hash.str());
        }
        return item;
    }

  private:
    struct Leaf {
        Hash path;
        Hash value_hash;
    };
    using Leaves = std::vector<Leaf>;

    [[nodiscard]] Leaves leaves() const {
        Leaves all;
        for (const auto& [key, value] : values)
            all.push_back({sparse::path_of(key), sha256(value)});
        std::ranges::sort(all, {}, &Leaf::path);
        return all;
    }

    static std::pair<Leaves, Leaves> split(const Leaves& all, std::size_t depth) {
        std::pair<Leaves, Leaves> halves;
        for (const auto& leaf : all)
            (sparse::bit(leaf.path, depth) ? halves.second : halves.first).push_back(leaf);
        return halves;
    }

    static Hash root_of(const Leaves& all, std::size_t depth) {
        if (all.empty()) return sparse::empty_hash;
        if (all.size() == 1) return sparse::leaf_hash(all[0].path, all[0].value_hash);
        const auto [left, right] = split(all, depth);
        return sparse::inner_hash(root_of(left, depth + 1), root_of(right, depth + 1));
    }
};

}  // namespace tallystick::test
