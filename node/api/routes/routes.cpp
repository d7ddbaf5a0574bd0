#include "node/api/routes/routes.hpp"

namespace tallystick::node::api {

std::vector<Route> public_routes(NodeService& node) {
    std::vector<Route> routes;
    const auto trails = std::make_shared<const Trails>(node);
    add_submit(routes, node);
    add_envelope(routes, node);
    add_dry_run(routes, node);
    add_outcomes(routes);
    add_ledger(routes, node);
    add_genesis(routes, node);
    add_trust(routes, node);
    add_refusals(routes);
    add_blocks(routes, node);
    add_light_blocks(routes, node, trails);
    add_proposer_priorities(routes, node);
    add_snapshots(routes, node);
    add_handovers(routes, node);
    add_log_entries(routes, node);
    add_log_consistency(routes, node);
    add_accounts(routes, node);
    add_balances(routes, node);
    add_statement(routes, node);
    add_queue(routes, node);
    add_authorities(routes, node);
    add_proposals(routes, node);
    add_contracts(routes, node);
    add_contract_report(routes, node);
    add_accreditations(routes, node);
    add_needs(routes, node);
    add_bids(routes, node);
    add_awards(routes, node);
    add_redemptions(routes, node);
    add_receipts(routes, node, trails);
    return routes;
}

}  // namespace tallystick::node::api
