#pragma once

#include <string_view>
#include <vector>

#include "ledger/state_view.hpp"

/// Who signs blocks follows from the state alone: the nodes of the current authorities. Pure
/// functions; any thread that the view allows.
namespace tallystick::ledger {

/// The nodes with power of the current authorities, sorted as headers hash them (power descending,
/// then address). A node whose power was taken is not among them.
/// @pre `state` is that of a ledger: it has the list of authorities, and a node for each.
[[nodiscard]] pb::ValidatorSet validators_of(const StateView& state);

/// May a change of the leaf under this key change the validators? True of the list of authorities
/// and of their nodes.
[[nodiscard]] bool decides_validators(std::string_view key) noexcept;

/// What makes `after` of `before`: whoever is new or has another power, and with power 0 whoever is
/// gone. Sorted by public key, each key once; empty if nothing changes.
[[nodiscard]] std::vector<pb::Validator> validator_updates(const pb::ValidatorSet& before,
                                                           const pb::ValidatorSet& after);

}  // namespace tallystick::ledger
