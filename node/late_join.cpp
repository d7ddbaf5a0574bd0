#include "node/late_join.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "ledger/store/chain_head.hpp"
#include "ledger/store/store.hpp"
#include "node/engine/cometbft/cometbft_process.hpp"
#include "node/engine/cometbft/sync_blocks.hpp"
#include "node/engine/cometbft/sync_rpc.hpp"
#include "node/engine/cometbft/sync_trust.hpp"
#include "node/engine/cometbft/unix_rpc_server.hpp"
#include "node/engine/solo.hpp"
#include "node/engine_choice.hpp"
#include "node/log.hpp"
#include "node/network_file.hpp"
#include "protocol/header.hpp"

namespace tallystick::node {

/// The light client's way to the peers.
struct LateJoined::Helpers {
    Helpers(PeerApis peers, SyncTrust trusted)
        : apis(std::move(peers)),
          blocks(apis, std::move(trusted), [] { return system_milliseconds() / 1000; }) {}

    PeerApis apis;
    SyncBlocks blocks;
    std::shared_ptr<std::atomic<bool>> failed = std::make_shared<std::atomic<bool>>(false);
    std::vector<std::unique_ptr<UnixRpcServer>> relays;
};

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds question_limit{4000};
constexpr int attempts = 3;
constexpr std::chrono::milliseconds pause_between_attempts{3000};
constexpr std::chrono::milliseconds look_every{200};
/// The engine looks for snapshots for five seconds, and again as often as it finds none.
constexpr std::chrono::seconds quiet_max_without_snapshot{60};
/// It waits two minutes for a chunk before it takes another snapshot.
constexpr std::chrono::seconds quiet_max_with_snapshot{180};
/// CometBFT wants two servers at least, be they the same; more than four tell it nothing new.
constexpr std::size_t relays_min = 2;
constexpr std::size_t relays_max = 4;

constexpr std::string_view marker_text =
    "A snapshot is being taken, or no block has followed it yet. tallyd removes this file.\n";

void skip(const std::string& reason) {
    log_event(LogLevel::warning, "state_sync_skipped",
              {{"reason", reason},
               {"instead", "every block is executed from the first, if peers still have it"}});
}

Result<void, std::string> without_sentence_type(Result<void, FileError> result) {
    if (!result) return Failure{result.error().sentence};
    return {};
}

/// What an attempt before left goes: the ledger, if there is one, is a snapshot and nothing else.
Result<void, std::string> throw_away(const DataFolder& folder, const EngineSetup& setup) {
    auto old = folder.ledger();
    old += ".old";
    std::error_code error;
    std::filesystem::remove_all(old, error);
    if (std::filesystem::exists(folder.ledger(), error)) {
        std::filesystem::rename(folder.ledger(), old, error);
        if (error)
            return Failure{"Could not move " + folder.ledger().string() +
                           " aside: " + error.message() + "."};
        std::filesystem::remove_all(old, error);
    }
    if (auto forgotten = forget_engine_blocks(setup); !forgotten)
        return Failure{forgotten.error().sentence};
    // Of the segment that was to be joined, which need not be the one that a node begins with.
    std::filesystem::remove(setup.genesis_file(), error);
    return {};
}

void remove_marker(const std::filesystem::path& marker) {
    std::error_code ignored;
    std::filesystem::remove(marker, ignored);
    static_cast<void>(sync_folder(marker.parent_path()));
}

/// May the ledger that is here be replaced? An empty one may, and one that is a snapshot and
/// nothing else if its engine may not have taken it over.
Result<bool, std::string> may_be_replaced(const DataFolder& folder, const LoadedGenesis& genesis,
                                          bool was_joining) {
    ledger::StoreOptions options;
    options.laws_in_full_at_start = false;
    const auto store = ledger::Store::open(folder.ledger(), options, genesis.ledger_id);
    if (!store) return Failure{store.error().what};
    return (*store)->height() == (was_joining ? (*store)->base_height() : 0);
}

/// What `join_late` decides with before it asks anybody.
struct Chance {
    EngineSetup setup;
    std::vector<std::string> apis;
    Trust trust;
};

/// Nothing if this is no case for a snapshot.
Result<std::optional<Chance>, std::string> look_for_chance(const LateJoinParts& parts) {
    const auto& folder = parts.folder;
    std::error_code ignored;
    if (!std::filesystem::exists(folder.network(), ignored)) return std::optional<Chance>{};
    EngineSetup bare;
    bare.data = std::filesystem::absolute(folder.root);
    const bool was_joining = std::filesystem::exists(bare.joining_file(), ignored);
    if (!was_joining && ledger::ChainHead{folder.ledger() / "chain"}.height().value_or(0) > 0)
        return std::optional<Chance>{};
    // An engine that has all blocks executes them on the empty ledger.
    const bool has_blocks = !was_joining && has_engine_blocks(bare);
    if (has_blocks && !first_blocks_are_gone(bare)) return std::optional<Chance>{};
    if (std::filesystem::exists(folder.ledger(), ignored)) {
        const auto replaceable = may_be_replaced(folder, parts.genesis, was_joining);
        if (!replaceable) return Failure{replaceable.error()};
        if (!*replaceable) {
            if (was_joining) remove_marker(bare.joining_file());
            return std::optional<Chance>{};
        }
    }
    if (was_joining || has_blocks) {
        if (was_joining)
            log_event(LogLevel::warning, "state_sync_begins_again",
                      {{"reason", "the node stopped before a block had followed its snapshot"}});
        else
            log_event(
                LogLevel::warning, "engine_begins_anew",
                {{"reason", "the ledger is gone, and the engine no longer has its first blocks"}});
        if (auto done = throw_away(folder, bare); !done) return Failure{done.error()};
        remove_marker(bare.joining_file());
    }
    if (parts.config.network.state_sync == "no" || parts.config.engine == "solo")
        return std::optional<Chance>{};
    const auto network = load_network(folder.network());
    if (!network) return Failure{network.error().sentence};
    Chance chance;
    chance.apis = parts.config.network.apis.empty() ? network->apis : parts.config.network.apis;
    // Founders have neither: their ledger has no block yet.
    if (network->trust.empty() && chance.apis.empty()) return std::optional<Chance>{};
    if (network->trust.empty() || chance.apis.empty()) {
        skip(network->trust.empty()
                 ? "no trust file is known: name one with tallyd join --trust"
                 : "no public API of another authority is known: name them with network.apis");
        return std::optional<Chance>{};
    }
    auto trust = parse_trust(network->trust);
    if (!trust) {
        skip("the trust file cannot be used: " + trust.error().sentence);
        return std::optional<Chance>{};
    }
    chance.trust = std::move(*trust);
    auto setup = engine_setup(folder, parts.config, parts.genesis.ledger_id);
    if (!setup) return Failure{setup.error()};
    chance.setup = std::move(*setup);
    return std::optional<Chance>{std::move(chance)};
}

/// What the empty ledger says of how everything began.
Result<SyncBeginning, std::string> beginning_of(const LateJoinParts& parts, const Trust& trust) {
    if (const auto made = ensure_ledger(parts.folder, parts.genesis); !made)
        return Failure{made.error().sentence};
    const auto store = ledger::Store::open(parts.folder.ledger(), {}, parts.genesis.ledger_id);
    if (!store) return Failure{store.error().what};
    ensure((*store)->height() == 0, "a snapshot is taken only where there is no block");
    SyncBeginning beginning;
    beginning.genesis = parts.genesis.genesis;
    beginning.ledger_id = parts.genesis.ledger_id;
    beginning.chain_id = (*store)->chain_id();
    beginning.genesis_validators = (*store)->segment_validators();
    if ((*store)->engine() == pb::ENGINE_COMETBFT)
        beginning.engine_genesis = engine_genesis(**store);
    beginning.trust = trust;
    return beginning;
}

/// Asks until enough peers answer, a few times.
Result<SyncTrust, std::string> ask_peers(const LateJoinParts& parts, const PeerApis& apis,
                                         SyncBeginning beginning) {
    for (int attempt = 1;; ++attempt) {
        beginning.now_seconds = system_milliseconds() / 1000;
        auto found = find_sync_trust(apis, beginning);
        if (found || attempt == attempts || parts.ended()) return found;
        const auto until = Steady::now() + pause_between_attempts;
        while (Steady::now() < until && !parts.ended()) std::this_thread::sleep_for(look_every);
    }
}

std::filesystem::path relay_socket(const EngineSetup& setup, std::size_t number) {
    return setup.data / "run" / ("sync" + std::to_string(number) + ".sock");
}

/// Opens the sockets and tells the engine of them.
Result<void, std::string> open_relays(LateJoined::Helpers& helpers, const SyncTrust& trusted,
                                      EngineSetup& setup) {
    EngineStateSync sync;
    const auto count = std::clamp(trusted.peers.size(), relays_min, relays_max);
    for (std::size_t number = 0; number < count; ++number) {
        const auto socket = relay_socket(setup, number);
        auto relay = UnixRpcServer::open(
            socket, [&blocks = helpers.blocks, number](std::string_view request) {
                return answer_sync_rpc(request, blocks, number);
            });
        if (!relay) return Failure{relay.error()};
        helpers.relays.push_back(std::move(*relay));
        sync.servers.push_back("unix://" + socket.string());
    }
    sync.trust_height = static_cast<std::uint64_t>(trusted.from.header().height());
    sync.trust_hash = header_hash(trusted.from.header());
    sync.trust_seconds = trusted.trust.trusting_period_seconds;
    sync.failed = [failed = helpers.failed] { *failed = true; };
    setup.state_sync = {std::move(sync)};
    return {};
}

/// The engine's folder for the segment that it joins, with the mark of what is under way.
Result<void, std::string> prepare(const EngineSetup& setup, const EngineGenesis& genesis) {
    if (auto fits = check_engine_sockets(setup); !fits) return fits;
    std::error_code ignored;
    std::filesystem::remove(setup.genesis_file(), ignored);  // of the first segment, maybe
    if (auto made = prepare_engine_folder(setup, genesis); !made)
        return Failure{made.error().sentence};
    return without_sentence_type(
        write_file_atomically(setup.joining_file(), marker_text, FileMode::owner_only));
}

std::string taking(std::size_t here, std::size_t all) {
    return "This node has no ledger yet: it takes a snapshot, of which " + std::to_string(here) +
           " of " + std::to_string(all) + " chunks are here.";
}

/// Waits until the snapshot is here. The error says why it will not be.
Result<void, std::string> wait_for(Joining& joining, const LateJoined::Helpers& helpers,
                                   const LateJoinParts& parts) {
    auto last = joining.progress();
    auto since = Steady::now();
    for (;;) {
        if (joining.wait(look_every)) return {};
        if (parts.ended()) return Failure{std::string{"the node is to stop"}};
        if (*helpers.failed) return Failure{std::string{"the engine has given up"}};
        const auto now = joining.progress();
        if (now != last) since = Steady::now();
        last = now;
        if (now.chunks != 0)
            parts.progress.set({taking(now.here, now.chunks), now.here, now.chunks});
        else
            parts.progress.set({});
        const auto patience =
            now.chunks == 0 ? quiet_max_without_snapshot : quiet_max_with_snapshot;
        if (Steady::now() - since <= patience) continue;
        auto reasons = joining.not_ready();
        return Failure{(now.chunks == 0
                            ? std::string{"no snapshot that can be believed is to be had"}
                            : std::string{"the rest of the snapshot does not come"}) +
                       (reasons.empty() ? "" : " (" + reasons.front() + ")")};
    }
}

}  // namespace

LateJoined::LateJoined(std::shared_ptr<RunningEngine> running, std::unique_ptr<Helpers> helpers,
                       std::filesystem::path marker)
    : running_(std::move(running)),
      helpers_(std::move(helpers)),
      marker_(std::move(marker)),
      process_(*running_->process),
      restarts_(process_.metrics().restarts) {}

LateJoined::~LateJoined() {
    if (!running_->process) return;  // a node has it
    // Calls that wait would wait for ever.
    running_->application->switch_to(*running_->joining);
    running_->process->stop();
    running_->server->stop();
}

bool LateJoined::has_failed() const {
    return *helpers_->failed || process_.metrics().restarts != restarts_;
}

void LateJoined::is_taken_over() {
    remove_marker(marker_);
}

Result<std::unique_ptr<LateJoined>, std::string> join_late(const LateJoinParts& parts) {
    auto chance = look_for_chance(parts);
    if (!chance) return Failure{chance.error()};
    if (!*chance) return std::unique_ptr<LateJoined>{};
    auto setup = std::move((*chance)->setup);
    auto beginning = beginning_of(parts, (*chance)->trust);
    if (!beginning) return Failure{beginning.error()};
    if (parts.begins) parts.begins();
    const auto began = Steady::now();
    auto apis = PeerApis::over_http((*chance)->apis, question_limit);
    auto trusted = ask_peers(parts, apis, std::move(*beginning));
    if (!trusted) {
        skip(trusted.error());
        return std::unique_ptr<LateJoined>{};
    }
    if (auto ready = prepare(setup, trusted->engine_genesis); !ready) return Failure{ready.error()};
    auto helpers = std::make_unique<LateJoined::Helpers>(std::move(apis), *trusted);
    if (auto opened = open_relays(*helpers, *trusted, setup); !opened)
        return Failure{opened.error()};
    log_event(LogLevel::info, "state_sync_begins",
              {{"trusted_height", std::to_string(trusted->from.header().height())},
               {"peers", std::to_string(trusted->peers.size())}});
    Joining::Options options;
    options.ledger = parts.folder.ledger();
    options.genesis = parts.genesis.file;
    options.peers = {setup.admitted.begin(), setup.admitted.end()};
    options.abci_socket = setup.abci_socket();
    options.make_process = [&setup](const SigningKey& key) {
        return std::make_unique<CometbftProcess>(setup, key, true);
    };
    auto joining = Joining::start(std::move(options), parts.key);
    if (!joining) return Failure{joining.error()};
    if (const auto here = wait_for(**joining, *helpers, parts); !here) {
        joining->reset();  // ends the engine
        log_event(LogLevel::warning, "state_sync_given_up", {{"reason", here.error()}});
        if (parts.ended()) return std::unique_ptr<LateJoined>{};
        if (auto clean = throw_away(parts.folder, setup); !clean) return Failure{clean.error()};
        return std::unique_ptr<LateJoined>{};
    }
    if (const auto noted = note_first_blocks_gone(setup); !noted)
        return Failure{noted.error().sentence};
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - began);
    log_event(LogLevel::info, "state_sync_done", {{"milliseconds", std::to_string(took.count())}});
    return std::make_unique<LateJoined>((*joining)->hand_on(), std::move(helpers),
                                        setup.joining_file());
}

}  // namespace tallystick::node
