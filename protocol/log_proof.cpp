#include "protocol/log_proof.hpp"

#include <bit>

namespace tallystick {

std::optional<std::vector<Hash>> hashes_from(
    const google::protobuf::RepeatedPtrField<std::string>& raw, std::size_t max) {
    if (static_cast<std::size_t>(raw.size()) > max) return std::nullopt;
    std::vector<Hash> hashes;
    hashes.reserve(static_cast<std::size_t>(raw.size()));
    for (const auto& bytes : raw) {
        const auto hash = Hash::from(bytes);
        if (!hash) return std::nullopt;
        hashes.push_back(*hash);
    }
    return hashes;
}

// RFC 9162, 2.1.3.2. `node` is the place of the subtree at each level, `last` that of the
// rightmost.
bool verify_inclusion(const Hash& leaf_hash, std::uint64_t index, std::uint64_t size,
                      std::span<const Hash> path, const Hash& root) noexcept {
    if (index >= size) return false;
    auto node = index;
    auto last = size - 1;
    auto hash = leaf_hash;
    for (const auto& sibling : path) {
        if (last == 0) return false;
        if ((node & 1) != 0 || node == last) {
            hash = merkle::inner_hash(sibling, hash);
            // A right edge without a sibling at some levels: climb to where it has one.
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = merkle::inner_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && hash == root;
}

// RFC 9162, 2.1.4.2, with the two trivial cases that it leaves out.
bool verify_consistency(const LogHead& first, const LogHead& second,
                        std::span<const Hash> path) noexcept {
    if (first.size > second.size) return false;
    if (first.size == second.size) return path.empty() && first.root == second.root;
    if (first.size == 0) return path.empty() && first.root == merkle::empty_root();

    auto node = first.size - 1;
    auto last = second.size - 1;
    // A complete first tree is itself the first element of the proof.
    const bool complete = std::has_single_bit(first.size);
    if (path.empty() && !complete) return false;
    const auto drop = std::countr_one(node);
    node >>= drop;
    last >>= drop;

    const auto& start = complete ? first.root : path.front();
    auto first_hash = start;
    auto second_hash = start;
    for (const auto& sibling : path.subspan(complete ? 0 : 1)) {
        if (last == 0) return false;
        if ((node & 1) != 0 || node == last) {
            first_hash = merkle::inner_hash(sibling, first_hash);
            second_hash = merkle::inner_hash(sibling, second_hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            second_hash = merkle::inner_hash(second_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && first_hash == first.root && second_hash == second.root;
}

}  // namespace tallystick
