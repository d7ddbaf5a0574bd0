#pragma once

#include <memory>
#include <vector>

#include "node/api/api.hpp"
#include "node/node_service.hpp"
#include "node/trail.hpp"

/// The routes of protocol/openapi.yaml, one file each. Every function adds its routes; `node` must
/// outlive them.
namespace tallystick::node::api {

void add_submit(std::vector<Route>& routes, NodeService& node);
void add_envelope(std::vector<Route>& routes, const NodeService& node);
void add_dry_run(std::vector<Route>& routes, const NodeService& node);
void add_outcomes(std::vector<Route>& routes);
void add_ledger(std::vector<Route>& routes, const NodeService& node);
void add_genesis(std::vector<Route>& routes, const NodeService& node);
void add_trust(std::vector<Route>& routes, const NodeService& node);
void add_refusals(std::vector<Route>& routes);
void add_blocks(std::vector<Route>& routes, const NodeService& node);
void add_light_blocks(std::vector<Route>& routes, const NodeService& node,
                      const std::shared_ptr<const Trails>& trails);
void add_proposer_priorities(std::vector<Route>& routes, const NodeService& node);
void add_snapshots(std::vector<Route>& routes, const NodeService& node);
void add_handovers(std::vector<Route>& routes, const NodeService& node);
void add_log_entries(std::vector<Route>& routes, const NodeService& node);
void add_log_consistency(std::vector<Route>& routes, const NodeService& node);
void add_accounts(std::vector<Route>& routes, const NodeService& node);
void add_balances(std::vector<Route>& routes, const NodeService& node);
void add_statement(std::vector<Route>& routes, const NodeService& node);
void add_queue(std::vector<Route>& routes, const NodeService& node);
void add_authorities(std::vector<Route>& routes, const NodeService& node);
void add_proposals(std::vector<Route>& routes, const NodeService& node);
void add_contracts(std::vector<Route>& routes, const NodeService& node);
void add_contract_report(std::vector<Route>& routes, const NodeService& node);
void add_accreditations(std::vector<Route>& routes, const NodeService& node);
void add_needs(std::vector<Route>& routes, const NodeService& node);
void add_bids(std::vector<Route>& routes, const NodeService& node);
void add_awards(std::vector<Route>& routes, const NodeService& node);
void add_redemptions(std::vector<Route>& routes, const NodeService& node);
void add_receipts(std::vector<Route>& routes, const NodeService& node,
                  const std::shared_ptr<const Trails>& trails);

/// All of them.
[[nodiscard]] std::vector<Route> public_routes(NodeService& node);

}  // namespace tallystick::node::api
