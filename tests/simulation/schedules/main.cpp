#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>

#include "node/log.hpp"
#include "protocol/crypto.hpp"
#include "simulation/schedules/schedule.hpp"

/// simulate: runs schedules, each a network of authorities in this one process from its genesis
/// through faults to the end.
namespace {

using namespace tallystick;
using namespace tallystick::simulation;

std::uint64_t current_seed = 0;

/// A bug that stops the process must still name its seed.
extern "C" void name_seed(int signal) {
    char text[96];
    const auto length = std::snprintf(text, sizeof text, "\nstopped by signal %d in seed %llu\n",
                                      signal, static_cast<unsigned long long>(current_seed));
    [[maybe_unused]] const auto written =
        ::write(STDERR_FILENO, text, static_cast<std::size_t>(length));
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

struct Options {
    std::uint64_t seed = 1;
    std::uint64_t schedules = 1;
    bool trace = false;
    bool twice = false;
    bool keep_going = false;
    std::string canary = "none";
    std::size_t nodes = 0;
    std::string folder;
};

const std::map<std::string, Canary> canaries{{"none", Canary::none},
                                             {"local-clock", Canary::local_clock},
                                             {"early-answer", Canary::early_answer},
                                             {"picky", Canary::picky}};

Outcome run_one(const Options& options, std::uint64_t seed) {
    current_seed = seed;
    Settings settings;
    settings.seed = seed;
    settings.canary = canaries.at(options.canary);
    settings.trace = options.trace;
    if (options.nodes != 0) settings.nodes = options.nodes;
    settings.folder = options.folder;
    Outcome outcome;
    {
        Schedule schedule{settings};
        outcome = schedule.run();
    }
    std::error_code ignored;
    std::filesystem::remove_all(settings.folder, ignored);
    return outcome;
}

void tell_failure(const Options& options, std::uint64_t seed, const Outcome& outcome) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), outcome.broken->c_str());
    if (!options.trace) {
        std::printf("  the last of %llu lines:\n", static_cast<unsigned long long>(outcome.lines));
        for (const auto& line : outcome.last) std::printf("    %s\n", line.c_str());
    }
    std::printf("  again: simulate --seed %llu --trace%s%s%s\n",
                static_cast<unsigned long long>(seed), options.canary == "none" ? "" : " --canary ",
                options.canary == "none" ? "" : options.canary.c_str(),
                options.nodes == 0 ? "" : (" --nodes " + std::to_string(options.nodes)).c_str());
}

int run_all(const Options& options) {
    const auto begun = std::chrono::steady_clock::now();
    std::map<std::string, std::uint64_t> totals;
    std::uint64_t failed = 0;
    std::uint64_t done = 0;
    for (; done < options.schedules; ++done) {
        const auto seed = options.seed + done;
        auto outcome = run_one(options, seed);
        if (options.twice && !outcome.broken) {
            const auto again = run_one(options, seed);
            if (again.digest != outcome.digest)
                outcome.broken = "the second run of this seed went another way";
        } else if (options.twice) {
            const auto again = run_one(options, seed);
            if (again.broken != outcome.broken || again.digest != outcome.digest)
                std::printf("seed %llu fails differently when it is run again\n",
                            static_cast<unsigned long long>(seed));
        }
        totals["nodes"] += outcome.nodes;
        totals["blocks"] += outcome.blocks;
        totals["envelopes sent"] += outcome.envelopes;
        totals["envelopes acknowledged"] += outcome.acknowledged;
        totals["receipts verified"] += outcome.receipts;
        for (const auto& [name, count] : outcome.counts) totals["* " + name] += count;
        if (!outcome.broken) continue;
        ++failed;
        tell_failure(options, seed, outcome);
        if (!options.keep_going) {
            ++done;
            break;
        }
    }
    const auto seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    std::printf("%llu schedules from seed %llu in %.1f s, %llu failed\n",
                static_cast<unsigned long long>(done),
                static_cast<unsigned long long>(options.seed), seconds,
                static_cast<unsigned long long>(failed));
    for (const auto& [name, count] : totals)
        std::printf("  %-28s %llu\n", name.c_str(), static_cast<unsigned long long>(count));
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{
        "Simulated networks of authorities, with faults. Everything follows from the seed."};
    app.add_option("--seed", options.seed, "of the first schedule");
    app.add_option("--schedules", options.schedules, "how many, one seed after the other");
    app.add_option("--nodes", options.nodes, "authorities, 1 to 7; else the seed says");
    app.add_option("--canary", options.canary, "a planted bug: local-clock, early-answer, picky");
    app.add_flag("--trace", options.trace, "print what happens");
    app.add_flag("--twice", options.twice, "run each seed twice and compare");
    app.add_flag("--keep-going", options.keep_going, "do not stop at the first failure");
    bool must_find = false;
    app.add_flag("--must-find", must_find, "succeed only if a schedule fails");
    CLI11_PARSE(app, argc, argv);
    if (!canaries.contains(options.canary) || options.nodes > 7) {
        std::fprintf(stderr, "no such canary, or more than 7 nodes\n");
        return 2;
    }
    if (!initialise_crypto()) return 2;
    // What the nodes would write in their logs is in the trace, or of no interest here.
    node::set_log_level("off");
    std::signal(SIGABRT, name_seed);
    std::signal(SIGSEGV, name_seed);
    const auto base = std::filesystem::exists("/dev/shm") ? std::filesystem::path{"/dev/shm"}
                                                          : std::filesystem::temp_directory_path();
    options.folder = (base / ("tallystick-simulate-" + std::to_string(::getpid()))).string();
    std::filesystem::remove_all(options.folder);
    const auto result = run_all(options);
    std::filesystem::remove_all(options.folder);
    if (!must_find) return result;
    std::printf(result == 1 ? "found, as it must be\n" : "NOT found\n");
    return result == 1 ? 0 : 1;
}
