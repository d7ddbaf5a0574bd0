#pragma once

#include <cstddef>
#include <filesystem>

namespace tallystick::bench {

struct NetworkOptions {
    std::size_t authorities = 4;
    std::size_t accounts = 2000;
    std::size_t envelopes = 60000;
    std::filesystem::path folder;   ///< where the nodes' folders are made
    std::filesystem::path program;  ///< tallyd
    bool json = false;
};

/// Measures a network of authorities' nodes on this machine, each a real `tallyd` with its engine:
/// throughput against the machine's signature checks shared by all of them, latency at idle and at
/// half load, processor time by program, and what a kill and a lost disk cost. Prints the result;
/// the exit status.
[[nodiscard]] int measure_network(const NetworkOptions& options);

}  // namespace tallystick::bench
