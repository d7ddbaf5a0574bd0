#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/draft.hpp"

/// The authorities' nodes in the state: the key and power of each, whose a key and an address are,
/// and what stands against a node.
namespace tallystick::ledger {

/// Fewest nodes with power that a change may leave.
inline constexpr std::size_t nodes_with_power_min = 2;

/// Does the key belong to an account, or was it ever a node's? Then no other node may have it:
/// evidence against the one could not be told from evidence against the other.
[[nodiscard]] bool is_node_key_taken(const StateView& view, std::string_view public_key);

/// How many nodes with power the authorities but this one have.
[[nodiscard]] std::size_t powerful_nodes_without(const StateView& view, std::string_view authority);

/// Gives the authority this node, in place of another or of the same with other power, and forgets
/// what stands against it. An old key belongs to nobody again; an old address stays the
/// authority's.
/// @pre the form was checked; a key that is new is not taken.
void put_node(Draft& draft, std::string_view authority, const pb::AuthorityNode& node);

/// Takes the node away, its key, and what stands against it; its address stays.
/// @pre the authority has a node.
void erase_node(Draft& draft, std::string_view authority);

/// The newest record about the key that the authority's node has now; null if there is none since
/// a vote gave it this key or power.
[[nodiscard]] std::shared_ptr<const pb::MisbehaviourRecord> record_against_node(
    const StateView& view, std::string_view authority);

/// Writes down that a node signed twice, under its authority and the report's height, and as what
/// stands against the node if it has that key still. Gives the record's key; nothing, and no
/// change, if the report has height 0, is about no key that was ever a node's, or is recorded
/// already.
/// @param height of the block that brought it
[[nodiscard]] std::optional<std::string> record_misbehaviour(const pb::Misbehaviour& report,
                                                             std::uint64_t height, Draft& draft);

}  // namespace tallystick::ledger
