#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "ledger/store/store.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/server.hpp"
#include "node/backup.hpp"
#include "node/cli/command.hpp"
#include "node/cli/config_flags.hpp"
#include "node/control.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/cometbft_process.hpp"
#include "node/engine_choice.hpp"
#include "node/export.hpp"
#include "node/keys.hpp"
#include "node/last_words.hpp"
#include "node/late_join.hpp"
#include "node/ledger_node.hpp"
#include "node/log.hpp"
#include "node/ops/joining.hpp"
#include "node/ops/ops.hpp"
#include "node/supervisor.hpp"
#include "node/trust_file.hpp"

namespace tallystick::node::cli {
namespace {

/// The signals that end a node in order. Blocked before any thread starts, so that only `wait` sees
/// them.
sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

/// Has one of them come? Does not wait.
bool has_come(const sigset_t& signals) {
    sigset_t pending;
    return ::sigpending(&pending) == 0 &&
           ((::sigismember(&pending, SIGINT) == 1 && ::sigismember(&signals, SIGINT) == 1) ||
            (::sigismember(&pending, SIGTERM) == 1 && ::sigismember(&signals, SIGTERM) == 1));
}

/// Looks after the beginning of a node that took a snapshot. False: it cannot go on from it.
bool looks_well(std::unique_ptr<LateJoined>& late, const LedgerNode& node) {
    if (!late) return true;
    if (node.head().height >= node.kept_from().height) {
        late->is_taken_over();
        late.reset();
        return true;
    }
    return !late->has_failed();
}

/// Waits for such a signal, telling the supervisor meanwhile that the node is alive: it asks the
/// node for its head, so that a node that hangs is noticed. 0: the node cannot go on.
int wait_for_end(const sigset_t& signals, const LedgerNode& node,
                 std::unique_ptr<LateJoined> late) {
    auto interval = watchdog_interval().value_or(std::chrono::milliseconds{10000});
    if (late) interval = std::min(interval, std::chrono::milliseconds{1000});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval);
    const timespec time{seconds.count(), std::chrono::nanoseconds{interval - seconds}.count()};
    for (;;) {
        const int signal = ::sigtimedwait(&signals, nullptr, &time);
        const bool well = looks_well(late, node);
        if (signal > 0) return signal;
        if (!well) return 0;
        static_cast<void>(node.head());
        notify_alive();
    }
}

api::ServerOptions ops_server_options(const Config& config) {
    auto options = api::options_from(config.api);
    options.listen = *endpoint_from(config.ops.listen);
    options.threads = 1;
    options.requests_per_second = 0;  // loopback only; a monitor must always get through
    return options;
}

/// What the node of a network needs beside what every node does: its engine's files and process.
Result<CometbftOptions, std::string> network_options(const DataFolder& folder, const Config& config,
                                                     const ledger::Store& store) {
    std::error_code error;
    std::filesystem::permissions(folder.run(), std::filesystem::perms::owner_all, error);
    const auto setup = engine_setup(folder, config, store.ledger_id());
    if (!setup) return Failure{setup.error()};
    if (auto ready = prepare_engine(*setup, store); !ready) return Failure{ready.error()};
    CometbftOptions options;
    options.abci_socket = setup->abci_socket();
    options.application.extra_peers = config.network.extra_peers;
    options.application.retain_blocks =
        config.network.archive == "yes" ? 0 : config.network.retain_blocks;
    options.snapshots = folder.root / "snapshots";
    options.snapshot_blocks = config.network.snapshot_blocks;
    const bool expects_peers = !setup->peers.empty();
    options.make_process = [setup = *setup, expects_peers](const SigningKey& key) {
        return std::make_unique<CometbftProcess>(setup, key, expects_peers);
    };
    return options;
}

/// A node that has been put together.
struct OpenedNode {
    std::unique_ptr<LedgerNode> node;
    std::unique_ptr<LateJoined> late;  ///< if it began with a snapshot just now
};

/// Begins with a snapshot if the node has no ledger; the operations port tells how far it is.
Result<std::unique_ptr<LateJoined>, std::string> begin_late(const DataFolder& folder,
                                                            const Config& config,
                                                            const LoadedGenesis& genesis,
                                                            const SigningKey& key,
                                                            const sigset_t& signals) {
    LateJoinProgress progress;
    const api::Api ops_api{joining_routes(progress)};
    api::Server ops_server{ops_server_options(config), ops_api, nullptr};
    LateJoinParts parts{
        folder,
        config,
        genesis,
        key,
        progress,
        [&signals] { return has_come(signals); },
        [&ops_server] {
            if (const auto port = ops_server.start(); !port)
                log_event(LogLevel::warning, "operations_not_served", {{"reason", port.error()}});
        }};
    auto late = join_late(parts);
    ops_server.stop(std::chrono::seconds{0});
    return late;
}

/// Everything that is opened before the node can be put together.
Result<OpenedNode, std::string> open_node(const DataFolder& folder, const Config& config,
                                          const sigset_t& signals) {
    if (const auto checked = check_data_folder(folder); !checked)
        return Failure{checked.error().sentence};
    const auto genesis = load_genesis(folder);
    if (!genesis) return Failure{genesis.error().sentence};
    if (const auto proved = check_founders(folder, *genesis); !proved)
        return Failure{proved.error().sentence};
    auto key = read_node_key(node_key_file(folder.root));
    if (!key) return Failure{key.error().sentence};
    auto late = begin_late(folder, config, *genesis, *key, signals);
    if (!late) return Failure{late.error()};
    if (const auto made = ensure_ledger(folder, *genesis); !made)
        return Failure{made.error().sentence};
    ledger::StoreOptions store_options;
    store_options.progress = [](std::string_view what) {
        log_event(LogLevel::info, "opening", {{"what", std::string{what}}});
    };
    auto store = ledger::Store::open(folder.ledger(), store_options, genesis->ledger_id);
    if (!store) return Failure{store.error().what};
    if (auto fits = check_engine_setting(**store, config.engine); !fits)
        return Failure{fits.error()};
    LedgerNodeOptions options;
    options.data = folder.root;
    if ((*store)->engine() == pb::ENGINE_COMETBFT) {
        auto network = network_options(folder, config, **store);
        if (!network) return Failure{network.error()};
        options.cometbft = std::move(*network);
        if (*late) options.cometbft->running = (*late)->running();
    }
    options.verifier.threads = static_cast<unsigned>(config.pipeline.threads);
    options.verifier.envelopes_max = config.pipeline.envelopes_max;
    options.verifier.bytes_max = config.pipeline.bytes_max;
    options.verifier.remembered_max = config.pipeline.remembered_max;
    auto node = LedgerNode::create(std::move(*store), std::move(*key), options);
    if (!node) return Failure{node.error()};
    return OpenedNode{std::move(*node), std::move(*late)};
}

/// What `tallyd network status` adds to what the folder says.
std::string network_status(const LedgerNode& node) {
    const auto metrics = node.metrics();
    const auto engine = metrics.engine.value_or(EngineHealthMetrics{});
    const nlohmann::ordered_json told{
        {"chain_id", node.chain_id()},    {"height", metrics.height},
        {"behind", engine.blocks_behind}, {"peers", engine.peers},
        {"engine_up", engine.up},         {"observer", node.network_state().is_observer},
        {"failing", node.not_ready()}};
    return told.dump();
}

/// The newest block's header and commit follow it within moments: an export that waits for them,
/// for so long at most, shows who signed it.
constexpr std::chrono::seconds header_wait_max{5};
constexpr std::chrono::milliseconds header_poll{20};

ledger::StoreResult<std::unique_ptr<ledger::StoreSnapshot>> snapshot_for_export(
    const LedgerNode& node) {
    const auto end = std::chrono::steady_clock::now() + header_wait_max;
    for (;;) {
        auto snapshot = node.open_snapshot();
        if (!snapshot || (*snapshot)->state_height() == 0 ||
            (*snapshot)->commit((*snapshot)->state_height()) ||
            std::chrono::steady_clock::now() >= end)
            return snapshot;
        snapshot->reset();
        std::this_thread::sleep_for(header_poll);
    }
}

/// What commands on this machine may ask (node/control.hpp).
std::string answer_control(const LedgerNode& node, const DataFolder& folder,
                           const std::string& line) {
    const auto space = line.find(' ');
    const auto verb = line.substr(0, space);
    if (verb == "network") return network_status(node);
    if (space == std::string::npos) return "The node does not know what " + line + " means.";
    const std::filesystem::path target{line.substr(space + 1)};
    log_event(LogLevel::info, verb, {{"to", target.string()}});
    if (verb == "backup") {
        const auto written =
            write_backup(folder, target, [&](const auto& path) { return node.backup_to(path); });
        return written ? "done" : written.error().sentence;
    }
    if (verb == "export") {
        const auto snapshot = snapshot_for_export(node);
        if (!snapshot) return snapshot.error().what;
        const auto written = write_export(**snapshot, node.genesis_file(), target);
        return written ? "done" : written.error().sentence;
    }
    if (verb == "trust") {
        const auto trust = trust_from(node, TrustedAt::newest);
        if (!trust)
            return trust.error() == ReadError::not_found
                       ? "The ledger has no block yet."
                       : "The trust file cannot be made: a record is damaged, or the node is "
                         "stopping. Its log says more.";
        const auto text = serialise_trust(*trust);
        const auto written = write_file_atomically(target, text, FileMode::everyone_reads);
        return written ? "done" : written.error().sentence;
    }
    return "The node does not know what " + verb + " means.";
}

/// `127.0.0.1:7710`, or `[::1]:7710`.
std::string address_text(const Endpoint& endpoint, std::uint16_t port) {
    const bool is_v6 = endpoint.address.find(':') != std::string::npos;
    return (is_v6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" + std::to_string(port);
}

Result<void, FileError> write_addresses(const DataFolder& folder, const std::string& api,
                                        const std::string& ops) {
    const nlohmann::json content{{"format", "tallystick-addresses-1"},
                                 {"api", "http://" + api},
                                 {"ops", "http://" + ops},
                                 {"pid", ::getpid()}};
    return write_file_atomically(folder.addresses(), content.dump() + "\n",
                                 FileMode::everyone_reads);
}

Exit stop_in_order(LedgerNode& node, api::Server& api_server, api::Server& ops_server,
                   std::unique_ptr<ControlServer>& control, const Config& config) {
    notify_stopping();
    const std::chrono::seconds drain{config.shutdown.drain_seconds_max};
    // Requests under way get their answers first: the node goes on deciding while they leave.
    api_server.stop(drain);
    control.reset();
    const auto stopped = node.shut_down(drain);
    ops_server.stop(std::chrono::seconds{0});
    if (!stopped) return fail("The node stopped, but not in order: " + stopped.error());
    log_event(LogLevel::info, "stopped", {{"height", std::to_string(node.head().height)}});
    return Exit::done;
}

Exit serve(const ConfigFlags& flags) {
    const auto loaded = load_or_complain(flags);
    if (!loaded) return Exit::failed;
    const auto& config = loaded->config;
    set_log_level(config.log.level);
    const auto signals = ending_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    say_last_words();

    const DataFolder folder{config.data};
    auto opened = open_node(folder, config, signals);
    if (!opened) return fail(opened.error());
    auto& node = *opened->node;
    const api::Api public_api{api::public_routes(node)};
    api::Server api_server{api::options_from(config.api), public_api, &node};
    const api::Api ops_api{
        ops_routes(node, api_server, {folder.root, config.ops.disk_free_mib_min})};
    const auto ops_options = ops_server_options(config);
    const auto api_endpoint = api::options_from(config.api).listen;
    const auto ops_endpoint = ops_options.listen;
    api::Server ops_server{ops_options, ops_api, nullptr};

    node.start();
    // Who is told that the node serves may ask for the trust file at once, and that names block 1.
    // In a network it comes when enough of the others are there; meanwhile readiness says so.
    const bool is_network = node.network_state().engine == pb::ENGINE_COMETBFT;
    if (!is_network && !node.wait_for_first_block(std::chrono::seconds{20}))
        return fail("The node made no first block within 20 seconds. Is the disk very slow?");
    const auto ops_port = ops_server.start();
    if (!ops_port) return fail(ops_port.error());
    const auto api_port = api_server.start();
    if (!api_port) return fail(api_port.error());
    auto control = ControlServer::open(folder.control(), [&](const std::string& line) {
        return answer_control(node, folder, line);
    });
    if (!control) return fail(control.error().sentence);
    const auto api_address = address_text(api_endpoint, *api_port);
    const auto ops_address = address_text(ops_endpoint, *ops_port);
    if (const auto written = write_addresses(folder, api_address, ops_address); !written)
        return fail(written.error().sentence);
    std::cout << "Ledger " << node.genesis().name() << ": API http://" << api_address
              << "/v1, operations http://" << ops_address << std::endl;
    log_event(LogLevel::info, "serving",
              {{"api", api_address},
               {"ops", ops_address},
               {"ledger_id", to_hex(node.ledger_id().view())},
               {"height", std::to_string(node.head().height)}});
    for (const auto& reason : node.not_ready())
        log_event(LogLevel::warning, "not_ready", {{"reason", reason}});
    notify_ready("Serving " + node.genesis().name() + " on " + api_address);

    const int signal = wait_for_end(signals, node, std::move(opened->late));
    if (signal == 0)
        log_event(LogLevel::error, "stopping",
                  {{"reason", "the engine cannot go on from the snapshot that it took"}});
    else
        log_event(LogLevel::info, "stopping", {{"signal", std::to_string(signal)}});
    const auto exit = stop_in_order(node, api_server, ops_server, *control, config);
    if (signal != 0) return exit;
    return fail(
        "The engine stopped before it had taken over the snapshot. Start the node again: it "
        "takes a new one.");
}

}  // namespace

void add_serve(CLI::App& app, Run& run) {
    const auto flags = std::make_shared<ConfigFlags>();
    auto* command = app.add_subcommand("serve", "Run the node");
    add_config_flags(*command, *flags);
    command->callback([flags, &run] { run = [flags] { return serve(*flags); }; });
}

}  // namespace tallystick::node::cli
