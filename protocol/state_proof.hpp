#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/pb.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

namespace tallystick {

/// Hashing of the compact binary sparse Merkle tree of the state: path = SHA-256(key), most
/// significant bit first; a subtree with one leaf is that leaf; an empty one is 32 zero bytes.
namespace sparse {

inline constexpr std::size_t depth_max = 256;

/// What stands for an empty subtree.
inline constexpr Hash empty_hash{};

[[nodiscard]] Hash path_of(std::string_view key) noexcept;
/// SHA-256(00 path value_hash), value_hash = SHA-256(value).
[[nodiscard]] Hash leaf_hash(const Hash& path, const Hash& value_hash) noexcept;
/// SHA-256(01 left right).
[[nodiscard]] Hash inner_hash(const Hash& left, const Hash& right) noexcept;

/// Bit `depth` of a path, 0 being the most significant of the first byte: false goes left.
/// @pre `depth` < 256.
[[nodiscard]] bool bit(const Hash& path, std::size_t depth) noexcept;

/// How many leading bits two paths share, 0 to 256.
[[nodiscard]] std::size_t shared_bits(const Hash& a, const Hash& b) noexcept;

}  // namespace sparse

/// Why a state proof proves nothing.
enum class StateProofFault : std::uint8_t {
    no_proof = 1,             ///< the item comes without its proof
    too_deep = 2,             ///< more than 256 siblings
    bad_sibling = 3,          ///< not 32 bytes
    not_compact = 4,          ///< the tree would have no inner node there: a leaf beside nothing
    mixed = 5,                ///< presence with another leaf, or absence with a leaf's value
    bad_other_leaf = 6,       ///< not 32 bytes, or only half of it is there
    other_leaf_is_same = 7,   ///< the "other" leaf is the very leaf said to be absent
    other_leaf_not_near = 8,  ///< the other leaf does not stand on this path
    wrong_root = 9,
    other_key = 10,  ///< absence: `value` is not the path of the key
};

[[nodiscard]] std::string_view state_proof_fault_name(StateProofFault fault) noexcept;
[[nodiscard]] std::string_view state_proof_fault_sentence(StateProofFault fault) noexcept;

/// Does the item's proof lead from its key (hashed here) and value, or from its absence, to `root`?
/// An absent item's `value` is its key's path (32 bytes): the key of a leaf is bound by the root,
/// that of nothing would not be, and a damaged key would prove the absence of something nobody
/// asked for. Faults in the order of the list but other_key, which comes after mixed. Nothing about
/// the form of key and value is checked.
[[nodiscard]] Result<void, StateProofFault> verify_state_proof(const Hash& root,
                                                               const pb::StateItem& item);

}  // namespace tallystick
