#include "protocol/state_proof.hpp"

#include <bit>
#include <vector>

#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"

namespace tallystick {

namespace sparse {

namespace {

// Without these a leaf could pose as an inner node.
constexpr std::string_view leaf_prefix{"\x00", 1};
constexpr std::string_view inner_prefix{"\x01", 1};

}  // namespace

Hash path_of(std::string_view key) noexcept {
    return sha256(key);
}

Hash leaf_hash(const Hash& path, const Hash& value_hash) noexcept {
    return sha256_of({leaf_prefix, path.text(), value_hash.text()});
}

Hash inner_hash(const Hash& left, const Hash& right) noexcept {
    return sha256_of({inner_prefix, left.text(), right.text()});
}

bool bit(const Hash& path, std::size_t depth) noexcept {
    ensure(depth < depth_max, "a path has 256 bits");
    return ((path.bytes[depth / 8] >> (7 - depth % 8)) & 1) != 0;
}

std::size_t shared_bits(const Hash& a, const Hash& b) noexcept {
    for (std::size_t i = 0; i < Hash::size; ++i) {
        const auto differing = static_cast<std::uint8_t>(a.bytes[i] ^ b.bytes[i]);
        if (differing != 0) return i * 8 + static_cast<std::size_t>(std::countl_zero(differing));
    }
    return depth_max;
}

}  // namespace sparse

namespace {

/// What the path ends in: this leaf, another leaf, or nothing.
Result<Hash, StateProofFault> end_of_path(const Hash& path, const pb::StateItem& item) {
    const auto& proof = item.proof();
    const bool names_other = !proof.other_path().empty() || !proof.other_value_hash().empty();
    if (item.present()) {
        if (names_other) return Failure{StateProofFault::mixed};
        return sparse::leaf_hash(path, sha256(item.value()));
    }
    if (item.value().size() != Hash::size) return Failure{StateProofFault::mixed};
    if (item.value() != path.text()) return Failure{StateProofFault::other_key};
    if (!names_other) return sparse::empty_hash;

    const auto other_path = Hash::from(proof.other_path());
    const auto other_value_hash = Hash::from(proof.other_value_hash());
    if (!other_path || !other_value_hash) return Failure{StateProofFault::bad_other_leaf};
    // Else the holder of a leaf could be told that it does not exist.
    if (*other_path == path) return Failure{StateProofFault::other_leaf_is_same};
    // Else any leaf of the tree would "prove" that any key is absent.
    if (sparse::shared_bits(path, *other_path) < static_cast<std::size_t>(proof.siblings_size()))
        return Failure{StateProofFault::other_leaf_not_near};
    return sparse::leaf_hash(*other_path, *other_value_hash);
}

}  // namespace

Result<void, StateProofFault> verify_state_proof(const Hash& root, const pb::StateItem& item) {
    if (!item.has_proof()) return Failure{StateProofFault::no_proof};
    const auto& raw = item.proof().siblings();
    if (static_cast<std::size_t>(raw.size()) > sparse::depth_max)
        return Failure{StateProofFault::too_deep};
    std::vector<Hash> siblings;
    siblings.reserve(static_cast<std::size_t>(raw.size()));
    for (const auto& bytes : raw) {
        const auto sibling = Hash::from(bytes);
        if (!sibling) return Failure{StateProofFault::bad_sibling};
        siblings.push_back(*sibling);
    }
    // Beside nothing a single leaf or nothing would have moved up.
    if (!siblings.empty() && siblings.back() == sparse::empty_hash)
        return Failure{StateProofFault::not_compact};

    const auto path = sparse::path_of(item.key());
    const auto end = end_of_path(path, item);
    if (!end) return Failure{end.error()};
    auto node = *end;
    for (auto depth = siblings.size(); depth > 0; --depth) {
        const auto& sibling = siblings[depth - 1];
        node = sparse::bit(path, depth - 1) ? sparse::inner_hash(sibling, node)
                                            : sparse::inner_hash(node, sibling);
    }
    if (node != root) return Failure{StateProofFault::wrong_root};
    return {};
}

std::string_view state_proof_fault_name(StateProofFault fault) noexcept {
    switch (fault) {
        case StateProofFault::no_proof: return "no_proof";
        case StateProofFault::too_deep: return "too_deep";
        case StateProofFault::bad_sibling: return "bad_sibling";
        case StateProofFault::not_compact: return "not_compact";
        case StateProofFault::mixed: return "mixed";
        case StateProofFault::bad_other_leaf: return "bad_other_leaf";
        case StateProofFault::other_leaf_is_same: return "other_leaf_is_same";
        case StateProofFault::other_leaf_not_near: return "other_leaf_not_near";
        case StateProofFault::wrong_root: return "wrong_root";
        case StateProofFault::other_key: return "other_key";
    }
    return "unknown";
}

std::string_view state_proof_fault_sentence(StateProofFault fault) noexcept {
    switch (fault) {
        case StateProofFault::no_proof: return "The state entry comes without its proof.";
        case StateProofFault::too_deep: return "The state entry's proof is longer than any can be.";
        case StateProofFault::bad_sibling: return "A hash in the state entry's proof is damaged.";
        case StateProofFault::not_compact:
            return "The state entry's proof describes a tree that no ledger builds.";
        case StateProofFault::mixed:
            return "The receipt says both that the state entry exists and that it does not.";
        case StateProofFault::bad_other_leaf:
            return "The proof that the state entry is absent is damaged.";
        case StateProofFault::other_leaf_is_same:
            return "The state entry said to be absent is there.";
        case StateProofFault::other_leaf_not_near:
            return "The proof of absence belongs to another place in the ledger.";
        case StateProofFault::wrong_root:
            return "The state entry is not what the authorities signed: it was altered, or belongs "
                   "to another block.";
        case StateProofFault::other_key:
            return "The entry that is said to be absent is not the one that was asked for.";
    }
    return "The state entry's proof is not valid.";
}

}  // namespace tallystick
