#pragma once

#include <cstdint>

#include "bench/network_nodes.hpp"
#include "bench/world.hpp"

namespace tallystick::bench {

/// What it took a node that had lost its disk to be back by a snapshot of its peers.
struct Join {
    double whole_s = 0;  ///< from its start until it serves the ledger; the engine alone looks for
                         ///< snapshots for five seconds
    double restore_s = 0;  ///< from the offer that it accepted until the ledger was in its place
    std::uint64_t leaves = 0;  ///< of the state that it took
};

/// Has one node offer a snapshot of what all have, takes another's disk away, and has it join.
/// Stops the program with a sentence if that does not work. @pre at least four nodes, all of which
/// run
[[nodiscard]] Join join_by_snapshot(NetworkNodes& nodes, const World& world);

}  // namespace tallystick::bench
