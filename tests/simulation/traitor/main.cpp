// A traitor among the authorities: an authority's node that runs as it should, but for this program
// between it and its engine. What the engine asks goes on to the node; what it hears may be a lie.
//
//   traitor DATA LIE_FILE      DATA: the data folder of a tallyd that runs
//
// It takes the place of the node's socket (run/abci.sock) and finds the node under run/honest.sock.
// The engine that is connected already keeps its connection: kill it, and the next one comes here.
// LIE_FILE holds the name of a lie, or "none", and may be changed at any time. Each lie that was
// told is a line on standard output. SIGTERM puts the node's socket back.
#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <thread>

#include "node/engine/abci/server.hpp"
#include "node/engine/cometbft/rpc_client.hpp"
#include "node/keys.hpp"
#include "simulation/traitor/lying_application.hpp"

using namespace tallystick;
using namespace tallystick::traitor;

namespace {

constexpr Lie false_bundle_lies[] = {
    Lie::bad_envelope_signature, Lie::bad_bundle_signature, Lie::malformed_bundle,
    Lie::unordered_bundle,       Lie::strangers_bundle,     Lie::wrong_chain,
    Lie::overfull_bundle,        Lie::oversize_bundle,      Lie::replayed_bundle,
};

/// Between two hundreds of bundles: well above what one node may bring, and still a rate that a
/// busy machine with all nodes on it can carry.
constexpr std::chrono::milliseconds pause{50};

/// Pours bundles into its own engine, which passes on what its application lets in.
class Flood {
  public:
    Flood(const std::filesystem::path& rpc, FalseBundles& bundles, const LyingApplication& liar,
          LyingApplication::Told told)
        : client_(node::RpcOptions{rpc}), bundles_(bundles), liar_(liar), told_(std::move(told)) {
        for (auto& thread : threads_) thread = std::thread{[this] { pour(); }};
    }
    ~Flood() {
        over_ = true;
        for (auto& thread : threads_) thread.join();
    }
    Flood(const Flood&) = delete;
    Flood& operator=(const Flood&) = delete;

  private:
    void pour() {
        while (!over_) {
            const auto lie = liar_.lie();
            std::size_t poured = 0;
            if (lie == Lie::flood) {
                for (int i = 0; i < 100 && !over_; ++i)
                    if (const auto tick = bundles_.tick())
                        poured += client_.submit_bundle(*tick) ? 1U : 0U;
            } else if (lie == Lie::bad_flood) {
                for (const auto kind : false_bundle_lies)
                    if (const auto made = bundles_.for_lie(kind))
                        poured += client_.submit_bundle(made->front()) ? 1U : 0U;
            }
            if (poured > 0) told_(lie, std::to_string(poured) + " bundles");
            std::this_thread::sleep_for(pause);
        }
    }

    node::RpcClient client_;
    FalseBundles& bundles_;
    const LyingApplication& liar_;
    LyingApplication::Told told_;
    std::atomic<bool> over_{false};
    std::array<std::thread, 4> threads_;  // each waits for an answer after every bundle
};

int run(const std::filesystem::path& data, const std::filesystem::path& lie_file) {
    auto key = node::read_node_key(node::node_key_file(data));
    if (!key) {
        std::cerr << "traitor: " << key.error().sentence << '\n';
        return 1;
    }
    const auto place = data / "run" / "abci.sock";
    const auto honest_place = data / "run" / "honest.sock";
    std::filesystem::rename(place, honest_place);

    std::mutex output;
    const auto told = [&](Lie lie, const std::string& where) {
        const std::lock_guard lock{output};
        std::cout << "lied " << name_of(lie) << ": " << where << std::endl;
    };
    Upstream honest{honest_place};
    FalseBundles bundles{std::move(key).value()};
    LyingApplication liar{honest, bundles, lie_file, told};
    auto server = node::abci::Server::open(place, liar, [](const std::string&) {});
    if (!server) {
        std::cerr << "traitor: " << server.error() << '\n';
        return 1;
    }
    std::cout << "ready" << std::endl;
    {
        const Flood flood{data / "run" / "rpc.sock", bundles, liar, told};
        sigset_t ending;
        sigemptyset(&ending);
        sigaddset(&ending, SIGTERM);
        int signal = 0;
        ::sigwait(&ending, &signal);
    }
    server.value()->stop();
    std::filesystem::rename(honest_place, place);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: traitor DATA LIE_FILE\n";
        return 2;
    }
    // Before any thread starts, so that only `sigwait` sees it.
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    if (!initialise_crypto()) return 1;
    try {
        return run(argv[1], argv[2]);
    } catch (const std::exception& error) {
        std::cerr << "traitor: " << error.what() << '\n';
        return 1;
    }
}
