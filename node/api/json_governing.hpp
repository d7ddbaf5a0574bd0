#pragma once

#include <string>
#include <string_view>

#include "node/api/json.hpp"
#include "node/node_service.hpp"

/// Authorities, their nodes and proposals as the JSON of protocol/openapi.yaml.
namespace tallystick::node::api {

/// First 20 bytes of the hash of a node's key, in hexadecimal; empty for bytes that are no key.
[[nodiscard]] std::string address_text(std::string_view public_key);

/// What stands against an authority's nodes, in the order of the heights.
[[nodiscard]] Json misbehaviour_of(const Snapshot& snapshot, std::string_view authority);

/// An authority with its node, or one that was removed with its successor.
[[nodiscard]] Json authority_json(const Snapshot& snapshot, std::string_view handle,
                                  const pb::Account& account);

/// An account with what the state knows beside it: an authority's misbehaviour.
[[nodiscard]] Json whole_account_json(const Snapshot& snapshot, std::string_view handle,
                                      const pb::Account& account);

[[nodiscard]] std::string proposal_status_name(int value);
[[nodiscard]] Json json_of(const pb::Change& change);

/// A proposal; an open one with who may still vote.
[[nodiscard]] Json proposal_json(const Snapshot& snapshot, std::string_view id,
                                 const pb::Proposal& proposal);

/// Parameters that are decided and not in force yet.
[[nodiscard]] Json parameters_coming(const Snapshot& snapshot);

/// May this authority still vote on it? Only on an open proposal.
[[nodiscard]] bool waits_for(const Snapshot& snapshot, const pb::Proposal& proposal,
                             std::string_view authority);

}  // namespace tallystick::node::api
