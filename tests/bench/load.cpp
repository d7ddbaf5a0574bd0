#include "bench/load.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "bench/basics.hpp"
#include "bench/http_client.hpp"

namespace tallystick::bench {

namespace {

using node::NodeMetrics;

double cpu_microseconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

std::vector<std::string> bodies_of(const std::vector<std::string>& envelopes, std::size_t batch) {
    std::vector<std::string> bodies;
    for (std::size_t from = 0; from < envelopes.size(); from += batch) {
        bodies.push_back(submit_body(envelopes, from, std::min(from + batch, envelopes.size())));
    }
    return bodies;
}

void send(HttpClient& client, const std::string& body, std::size_t count) {
    if (!client.submit(body, count)) give_up("the API did not answer that all was done");
}

}  // namespace

Spent in_process(BenchNode& bench, const std::vector<std::string>& envelopes) {
    constexpr std::size_t batch = 512;
    const auto before = bench.node().metrics();
    const auto cpu_before = cpu_microseconds();
    const auto start = Clock::now();
    bench.submit_all(envelopes, batch);
    const auto took = seconds_since(start);
    const auto cpu = cpu_microseconds() - cpu_before;
    const auto after = bench.node().metrics();
    const auto count = static_cast<double>(envelopes.size());
    const auto per_envelope = [&](std::uint64_t NodeMetrics::*total) {
        return static_cast<double>(after.*total - before.*total) / count;
    };
    return {count / took, cpu / count, per_envelope(&NodeMetrics::execute_microseconds_total),
            per_envelope(&NodeMetrics::commit_microseconds_total),
            static_cast<double>(after.blocks_total - before.blocks_total)};
}

double api_per_second(const std::vector<std::uint16_t>& ports,
                      const std::vector<std::string>& envelopes, std::size_t batch,
                      std::size_t connections) {
    const auto bodies = bodies_of(envelopes, batch);
    std::atomic<std::size_t> next{0};
    const auto start = Clock::now();
    {
        std::vector<std::jthread> clients;
        for (std::size_t c = 0; c < connections; ++c) {
            clients.emplace_back([&, port = ports[c % ports.size()]] {
                HttpClient client{port};
                for (auto i = next++; i < bodies.size(); i = next++) {
                    send(client, bodies[i], std::min(batch, envelopes.size() - i * batch));
                }
            });
        }
    }
    return static_cast<double>(envelopes.size()) / seconds_since(start);
}

Latency latency_at(const std::vector<std::uint16_t>& ports,
                   const std::vector<std::string>& envelopes, std::size_t batch, double per_second,
                   std::size_t connections) {
    const auto bodies = bodies_of(envelopes, batch);
    const std::chrono::duration<double> gap{static_cast<double>(batch) / per_second};
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::vector<double> times_ms;
    const auto start = Clock::now();
    {
        std::vector<std::jthread> clients;
        for (std::size_t c = 0; c < connections; ++c) {
            clients.emplace_back([&, port = ports[c % ports.size()]] {
                HttpClient client{port};
                std::vector<double> mine;
                for (auto i = next++; i < bodies.size(); i = next++) {
                    // Measured from when it was due to be sent: a late start is part of the
                    // latency.
                    const auto due = start + std::chrono::duration_cast<Clock::duration>(
                                                 gap * static_cast<double>(i));
                    std::this_thread::sleep_until(due);
                    send(client, bodies[i], std::min(batch, envelopes.size() - i * batch));
                    mine.push_back(seconds_since(due) * 1000.0);
                }
                const std::lock_guard lock{mutex};
                times_ms.insert(times_ms.end(), mine.begin(), mine.end());
            });
        }
    }
    return percentiles(std::move(times_ms));
}

Latency percentiles(std::vector<double> times_ms) {
    std::ranges::sort(times_ms);
    const auto at = [&](std::size_t percent) {
        return times_ms[std::min(times_ms.size() - 1, times_ms.size() * percent / 100)];
    };
    return {at(50), at(99)};
}

}  // namespace tallystick::bench
