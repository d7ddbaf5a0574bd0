#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "node/api/api.hpp"
#include "node/api/server.hpp"
#include "node/node_service.hpp"

/// The operations port: health, readiness, metrics, version. Loopback only.
namespace tallystick::node {

/// What is watched beside the node itself.
struct OpsWatch {
    std::filesystem::path data;           ///< on whose disk room must be left; empty: not watched
    std::uint64_t disk_free_mib_min = 0;  ///< with less the node is not ready
};

/// GET /healthz (the process answers), /readyz (503 names what fails), /metrics (Prometheus text),
/// /version. `node` and `public_server` must outlive the routes.
[[nodiscard]] std::vector<api::Route> ops_routes(const NodeService& node,
                                                 const api::Server& public_server,
                                                 const OpsWatch& watch);

/// The same with the server's counters from elsewhere: for tests.
[[nodiscard]] std::vector<api::Route> ops_routes(const NodeService& node,
                                                 std::function<api::ServerCounters()> counters,
                                                 const OpsWatch& watch = {});

/// Everything /metrics tells, in the text format of Prometheus; blocks behind head first.
[[nodiscard]] std::string metrics_text(const NodeService& node, const api::ServerCounters& counters,
                                       const OpsWatch& watch = {});

/// The version of this program, as the build names it.
[[nodiscard]] std::string_view program_version() noexcept;

}  // namespace tallystick::node
