#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/bench_node.hpp"

namespace tallystick::bench {

/// Where the time of a measurement went, per envelope in microseconds.
struct Spent {
    double per_second = 0;
    double cpu_us = 0;      ///< of all threads of this process together
    double execute_us = 0;  ///< of the one writer: rules, tree and encoding
    double commit_us = 0;   ///< of the one writer: making the chain durable
    double blocks = 0;
};

/// Envelopes in process: handed in as fresh bytes, every signature verified, all done and durable.
[[nodiscard]] Spent in_process(BenchNode& bench, const std::vector<std::string>& envelopes);

/// Envelopes a second through the APIs on loopback, in requests of `batch`, over `connections` that
/// are spread over the ports.
[[nodiscard]] double api_per_second(const std::vector<std::uint16_t>& ports,
                                    const std::vector<std::string>& envelopes, std::size_t batch,
                                    std::size_t connections);

struct Latency {
    double p50_ms = 0;
    double p99_ms = 0;
};

/// Time from sending a request to its durable outcomes, requests of `batch` sent at a fixed rate
/// whether or not earlier ones are answered (so that a stall is seen by all that it would have
/// hit).
[[nodiscard]] Latency latency_at(const std::vector<std::uint16_t>& ports,
                                 const std::vector<std::string>& envelopes, std::size_t batch,
                                 double per_second, std::size_t connections);

/// @pre there is at least one.
[[nodiscard]] Latency percentiles(std::vector<double> times_ms);

}  // namespace tallystick::bench
