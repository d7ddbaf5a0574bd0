#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/bench_node.hpp"

namespace tallystick::bench {

/// Envelopes a second in process: handed in as fresh bytes, every signature verified, all done and
/// durable.
[[nodiscard]] double in_process_per_second(BenchNode& bench,
                                           const std::vector<std::string>& envelopes);

/// Envelopes a second through the API on loopback, in requests of `batch`, over `connections`.
[[nodiscard]] double api_per_second(std::uint16_t port, const std::vector<std::string>& envelopes,
                                    std::size_t batch, std::size_t connections);

struct Latency {
    double p50_ms = 0;
    double p99_ms = 0;
};

/// Time from sending a request to its durable outcomes, requests of `batch` sent at a fixed rate
/// whether or not earlier ones are answered (so that a stall is seen by all that it would have
/// hit).
[[nodiscard]] Latency latency_at(std::uint16_t port, const std::vector<std::string>& envelopes,
                                 std::size_t batch, double per_second, std::size_t connections);

}  // namespace tallystick::bench
