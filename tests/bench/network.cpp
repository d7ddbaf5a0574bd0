#include "bench/network.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/basics.hpp"
#include "bench/http_client.hpp"
#include "bench/limit.hpp"
#include "bench/load.hpp"
#include "bench/network_join.hpp"
#include "bench/network_nodes.hpp"
#include "bench/world.hpp"

namespace tallystick::bench {

namespace {

constexpr std::size_t batch = 512;
constexpr std::size_t connections_per_node = 4;

void say(const char* what) {
    std::fprintf(stderr, "%s\n", what);
}

/// Sends everything to one node and waits until all is done there.
void submit_all(std::uint16_t port, const std::vector<std::string>& envelopes) {
    HttpClient client{port};
    for (std::size_t from = 0; from < envelopes.size(); from += batch) {
        const auto to = std::min(from + batch, envelopes.size());
        if (!client.submit(submit_body(envelopes, from, to), to - from))
            give_up("an envelope of the setting up was not done");
    }
}

void settle(World& world, std::uint16_t port) {
    for (const auto& step : world.founding(now_seconds())) submit_all(port, step);
    // A block's time is that of the votes before it, two quiet seconds old at most.
    constexpr std::uint64_t behind = 3;
    while (now_seconds() <= world.bids_close() + behind)
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    std::vector<std::string> awards;
    submit_all(port, world.awards(now_seconds(), awards));
    // The standstill ends a second later; the ledger issues in the block after that, whose clock is
    // the authorities' votes.
    std::this_thread::sleep_for(std::chrono::seconds{3});
    submit_all(port, world.passes(now_seconds(), awards));
}

std::vector<std::uint16_t> ports_of(const NetworkNodes& nodes) {
    std::vector<std::uint16_t> ports;
    for (std::size_t i = 0; i < nodes.size(); ++i) ports.push_back(nodes.api_port(i));
    return ports;
}

struct Throughput {
    double per_second = 0;
    double tallyd_cpu_ms_per_1000 = 0;
    double engine_cpu_ms_per_1000 = 0;
    double envelopes_per_block = 0;
};

/// Blocks of the ledger that come while something is measured.
class BlockCount {
  public:
    explicit BlockCount(const NetworkNodes& nodes)
        : node_(nodes.api_port(0)), from_(node_.height()) {}
    [[nodiscard]] double so_far() { return static_cast<double>(node_.height() - from_); }

  private:
    HttpClient node_;
    std::uint64_t from_;
};

Throughput throughput(const NetworkNodes& nodes, const std::vector<std::string>& envelopes) {
    BlockCount blocks{nodes};
    const auto before = nodes.process_time();
    const auto per_second =
        api_per_second(ports_of(nodes), envelopes, batch, connections_per_node * nodes.size());
    const auto after = nodes.process_time();
    const auto thousands = static_cast<double>(envelopes.size()) / 1000.0;
    return {per_second, (after.tallyd_ms - before.tallyd_ms) / thousands,
            (after.engine_ms - before.engine_ms) / thousands,
            static_cast<double>(envelopes.size()) / std::max(1.0, blocks.so_far())};
}

/// One envelope at a time with a pause before each, so that each meets a network at rest.
Latency idle_latency(const NetworkNodes& nodes, const std::vector<std::string>& envelopes) {
    constexpr std::chrono::milliseconds rest{300};
    const auto ports = ports_of(nodes);
    std::vector<double> times_ms;
    for (std::size_t i = 0; i < envelopes.size(); ++i) {
        HttpClient client{ports[i % ports.size()]};
        const auto body = submit_body(envelopes, i, i + 1);
        std::this_thread::sleep_for(rest);
        const auto start = Clock::now();
        if (!client.submit(body, 1)) give_up("an envelope at idle was not done");
        times_ms.push_back(seconds_since(start) * 1000.0);
    }
    return percentiles(std::move(times_ms));
}

struct Recovery {
    double others_go_on_s = 0;  ///< from the kill to the next outcome of another node
    double caught_up_s = 0;     ///< from the start of the killed node to its first outcome
};

Recovery recovery(NetworkNodes& nodes, const std::vector<std::string>& envelopes) {
    Recovery measured;
    const auto victim = nodes.size() - 1;
    nodes.kill(victim);
    const auto killed = Clock::now();
    HttpClient survivor{nodes.api_port(0)};
    if (!survivor.submit(submit_body(envelopes, 0, 1), 1))
        give_up("the others did not go on when one node was killed");
    measured.others_go_on_s = seconds_since(killed);
    const auto started = Clock::now();
    nodes.restart(victim);
    HttpClient again{nodes.api_port(victim)};
    while (!again.submit(submit_body(envelopes, 1, 2), 1)) {
        if (seconds_since(started) > 60) give_up("the killed node did not come back");
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    measured.caught_up_s = seconds_since(started);
    return measured;
}

void print(const nlohmann::ordered_json& result, bool as_json) {
    if (as_json) {
        std::printf("%s\n", result.dump(2).c_str());
        return;
    }
    const auto number = [&](const char* key) { return result[key].get<double>(); };
    std::printf("%d authorities on %d cores, signature checks of this machine: %.0f a second.\n",
                result["authorities"].get<int>(), result["cores"].get<int>(),
                number("limit_per_s"));
    std::printf("Envelopes done on every node: %.0f a second, %.2f of the limit shared by all.\n",
                number("per_s"), number("ratio_to_limit_over_n"));
    std::printf("Latency at idle:      p50 %.0f ms, p99 %.0f ms.\n", number("latency_idle_p50_ms"),
                number("latency_idle_p99_ms"));
    std::printf("Latency at half load: p50 %.0f ms, p99 %.0f ms.\n", number("latency_half_p50_ms"),
                number("latency_half_p99_ms"));
    std::printf("Processor time per 1,000 envelopes: %.0f ms in tallyd, %.0f ms in the engine.\n",
                number("tallyd_cpu_ms_per_1000"), number("engine_cpu_ms_per_1000"));
    if (result.contains("recovery_others_s"))
        std::printf(
            "One node killed: the others went on after %.1f s; it was back after %.1f s.\n"
            "One without its disk was back by a snapshot after %.1f s; to take it costs %.1f s for "
            "each million leaves.\n",
            number("recovery_others_s"), number("recovery_back_s"), number("state_sync_s"),
            number("state_sync_s_per_million_leaves"));
}

}  // namespace

int measure_network(const NetworkOptions& options) {
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    const auto count = options.authorities;
    say("Measuring signature checks");
    const auto limit_before = verifications_per_second(cores, 2.0);
    say("Starting the nodes");
    World world{options.accounts, now_seconds(), count, pb::ENGINE_COMETBFT};
    NetworkNodes nodes{world, options.folder, options.program};
    say("Setting up the ledger");
    settle(world, nodes.api_port(0));
    say("Measuring latency at idle");
    constexpr std::size_t idle_envelopes = 60;
    const auto idle = idle_latency(nodes, world.transfers(idle_envelopes, now_seconds(), 1));
    say("Measuring throughput");
    const auto full = throughput(nodes, world.transfers(options.envelopes, now_seconds(), 2));
    say("Measuring latency at half load");
    constexpr double latency_seconds = 10;
    constexpr std::size_t latency_batch = 32;
    const auto half = static_cast<std::size_t>(full.per_second / 2 * latency_seconds);
    BlockCount half_blocks{nodes};
    const auto at_half = latency_at(ports_of(nodes), world.transfers(half, now_seconds(), 3),
                                    latency_batch, full.per_second / 2, 16 * nodes.size());
    const auto half_per_block = static_cast<double>(half) / std::max(1.0, half_blocks.so_far());
    // The machine may have changed its pace meanwhile: the limit is the mean of before and after.
    const auto limit = (limit_before + verifications_per_second(cores, 2.0)) / 2;
    nlohmann::ordered_json result{
        {"version", 1},
        {"cores", cores},
        {"authorities", count},
        {"accounts", options.accounts},
        {"envelopes", options.envelopes},
        {"limit_per_s", limit},
        {"per_s", full.per_second},
        {"ratio_to_limit_over_n", full.per_second * static_cast<double>(count) / limit},
        {"latency_idle_p50_ms", idle.p50_ms},
        {"latency_idle_p99_ms", idle.p99_ms},
        {"latency_half_p50_ms", at_half.p50_ms},
        {"latency_half_p99_ms", at_half.p99_ms},
        {"envelopes_per_block", full.envelopes_per_block},
        {"envelopes_per_block_half", half_per_block},
        {"tallyd_cpu_ms_per_1000", full.tallyd_cpu_ms_per_1000},
        {"engine_cpu_ms_per_1000", full.engine_cpu_ms_per_1000}};
    // With fewer than four, the others cannot go on without one.
    constexpr std::size_t tolerant = 4;
    if (count >= tolerant) {
        say("Killing a node");
        const auto back = recovery(nodes, world.transfers(2, now_seconds(), 4));
        result["recovery_others_s"] = back.others_go_on_s;
        result["recovery_back_s"] = back.caught_up_s;
        say("Joining by a snapshot");
        const auto join = join_by_snapshot(nodes, world);
        result["state_sync_s"] = join.whole_s;
        result["state_sync_leaves"] = join.leaves;
        result["state_sync_s_per_million_leaves"] =
            join.restore_s * 1e6 / static_cast<double>(std::max<std::uint64_t>(1, join.leaves));
    }
    print(result, options.json);
    return 0;
}

}  // namespace tallystick::bench
