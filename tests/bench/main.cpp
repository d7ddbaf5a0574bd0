#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/basics.hpp"
#include "bench/bench_node.hpp"
#include "bench/limit.hpp"
#include "bench/load.hpp"
#include "bench/network.hpp"
#include "bench/world.hpp"
#include "protocol/crypto.hpp"

namespace {

using namespace tallystick;
using bench::now_seconds;

struct Options {
    std::size_t accounts = 10000;
    std::size_t envelopes = 100000;
    std::string folder = ".";
    bool json = false;
};

void say(const char* what) {
    std::fprintf(stderr, "%s\n", what);
}

/// Brings the world onto the ledger: accounts, contract, accreditations, awards, and credits in
/// every project's hands.
void settle(bench::World& world, bench::BenchNode& node) {
    constexpr std::size_t batch = 512;
    for (const auto& step : world.founding(now_seconds())) node.submit_all(step, batch);
    while (now_seconds() < world.bids_close())
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    std::vector<std::string> awards;
    const auto envelopes = world.awards(now_seconds(), awards);
    node.submit_all(envelopes, batch);
    // The standstill ends a second later, and the node issues by itself; the last line shows when
    // all is issued.
    const auto entries = node.node().metrics().due_done_total;
    while (node.node().metrics().due_done_total < entries + awards.size()) {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    node.submit_all(world.passes(now_seconds(), awards), batch);
}

void print(const nlohmann::ordered_json& result, bool as_json) {
    if (as_json) {
        std::printf("%s\n", result.dump(2).c_str());
        return;
    }
    const auto number = [&](const char* key) { return result[key].get<double>(); };
    std::printf("Signature checks this machine does: %.0f a second on one core, %.0f on all %d.\n",
                number("limit_one_core_per_s"), number("limit_per_s"), result["cores"].get<int>());
    std::printf("Envelopes, at %d accounts, each verified, done and durable:\n",
                result["accounts"].get<int>());
    std::printf("  in process       %8.0f a second, %.2f of the limit\n",
                number("in_process_per_s"), number("in_process_ratio"));
    std::printf("  through the API  %8.0f a second, %.2f of the limit\n", number("api_per_s"),
                number("api_ratio"));
    std::printf("Latency at half of that load: p50 %.1f ms, p99 %.1f ms.\n",
                number("latency_p50_ms"), number("latency_p99_ms"));
}

int run(const Options& options) {
    constexpr std::size_t batch = 512;
    constexpr std::size_t connections = 8;
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    say("Measuring signature checks");
    const auto one_core = bench::verifications_per_second(1, 2.0);
    const auto limit_before = bench::verifications_per_second(cores, 2.0);
    say("Setting up the ledger");
    bench::World world{options.accounts, now_seconds()};
    bench::BenchNode node{world, options.folder};
    settle(world, node);
    say("Measuring in process");
    const auto in_process =
        bench::in_process(node, world.transfers(options.envelopes, now_seconds(), 1));
    say("Measuring through the API");
    const auto port = node.serve();
    const auto api = bench::api_per_second(
        {port}, world.transfers(options.envelopes, now_seconds(), 2), batch, connections);
    say("Measuring latency at half load");
    constexpr double latency_seconds = 5;
    constexpr std::size_t latency_batch = 64;
    const auto half = static_cast<std::size_t>(api / 2 * latency_seconds);
    const auto latency = bench::latency_at({port}, world.transfers(half, now_seconds(), 3),
                                           latency_batch, api / 2, 32);
    // The machine may have changed its pace meanwhile: the limit is the mean of before and after.
    const auto limit = (limit_before + bench::verifications_per_second(cores, 2.0)) / 2;
    print({{"version", 1},
           {"cores", cores},
           {"accounts", options.accounts},
           {"envelopes", options.envelopes},
           {"limit_one_core_per_s", one_core},
           {"limit_per_s", limit},
           {"in_process_per_s", in_process.per_second},
           {"in_process_ratio", in_process.per_second / limit},
           {"in_process_cpu_us", in_process.cpu_us},
           {"in_process_execute_us", in_process.execute_us},
           {"in_process_commit_us", in_process.commit_us},
           {"in_process_blocks", in_process.blocks},
           {"api_per_s", api},
           {"api_ratio", api / limit},
           {"latency_p50_ms", latency.p50_ms},
           {"latency_p99_ms", latency.p99_ms}},
          options.json);
    return 0;
}

/// Each has a key in guarded memory, of which the system gives a process so much and no more.
constexpr int accounts_max = 10000;

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{
        "Measures a node against the signature checks that this machine can do in the same run. "
        "The ledger that it "
        "measures on is fictional and is deleted afterwards."};
    app.add_flag("--json", options.json, "Print one JSON object");
    app.add_option("--accounts", options.accounts, "Projects that hold credits")
        ->check(CLI::Range(2, accounts_max));
    app.add_option("--envelopes", options.envelopes, "Envelopes a measurement")
        ->check(CLI::Range(1000, 10000000));
    app.add_option("--folder", options.folder,
                   "Where the data folder is made; the disk that is measured")
        ->check(CLI::ExistingDirectory);
    bench::NetworkOptions network;
    auto* network_command =
        app.add_subcommand("network", "Measures a network of authorities, each with a node");
    network_command->add_option("--authorities", network.authorities, "Nodes")
        ->check(CLI::Range(1, 16));
    network_command->add_option("--accounts", network.accounts, "Projects that hold credits")
        ->check(CLI::Range(2, accounts_max));
    network_command->add_option("--envelopes", network.envelopes, "Envelopes of the full load")
        ->check(CLI::Range(1000, 10000000));
    network_command->add_option("--folder", network.folder, "Where the data folders are made")
        ->check(CLI::ExistingDirectory);
    network_command->add_flag("--json", network.json, "Print one JSON object");
    CLI11_PARSE(app, argc, argv);
    if (!initialise_crypto()) {
        std::fprintf(stderr,
                     "tally-bench: the cryptographic library is not the one the ledger needs\n");
        return 1;
    }
    if (*network_command) {
        // Beside this program: the build puts them into one folder.
        network.program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tallyd";
        if (network.folder.empty()) network.folder = std::filesystem::current_path();
        return bench::measure_network(network);
    }
    return run(options);
}
