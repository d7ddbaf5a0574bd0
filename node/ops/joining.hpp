#pragma once

#include <vector>

#include "node/api/api.hpp"
#include "node/late_join.hpp"

namespace tallystick::node {

/// The operations port of a node that has no ledger yet and takes a snapshot: /healthz (the process
/// answers), /readyz (503, with how far it is), /metrics and /version of what there is to tell.
/// `progress` must outlive the routes.
[[nodiscard]] std::vector<api::Route> joining_routes(const LateJoinProgress& progress);

}  // namespace tallystick::node
