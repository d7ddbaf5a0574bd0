#include "node/engine_choice.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "node/engine/cometbft/engine_version.hpp"
#include "node/engine/publisher.hpp"
#include "node/network_file.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::node {
namespace {

constexpr std::size_t genesis_bytes_max = 16777216;
/// The first block of a segment bears its genesis' time, which must be later than every signature
/// under the last block of the one before.
constexpr std::uint64_t pause_between_segments_ms = 10000;

std::string ledger_of(const ledger::Store& store) {
    return "Segment " + store.chain_id() + " of this ledger";
}

/// The chain id in an engine's genesis; empty if it cannot be read.
std::string chain_id_in(const std::filesystem::path& genesis_file) {
    const auto text = read_file(genesis_file, genesis_bytes_max);
    if (!text) return "";
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    return json.is_object() ? json.value("chain_id", std::string{}) : "";
}

}  // namespace

Result<void, std::string> check_engine_setting(const ledger::Store& store,
                                               const std::string& setting) {
    const bool is_network = store.engine() == pb::ENGINE_COMETBFT;
    if (setting == "cometbft" && !is_network)
        return Failure{ledger_of(store) +
                       " is ordered by the engine solo, by one authority. It goes on among several "
                       "only after the ledger has handed over: its authority proposes the handover "
                       "(tally proposal make hand-over), and then runs tallyd handover. Until then "
                       "start it without the setting engine."};
    if (setting == "solo" && is_network)
        return Failure{ledger_of(store) +
                       " is ordered by CometBFT among its authorities; blocks that solo made would "
                       "fork it. Start it without the setting engine."};
    return {};
}

Result<EngineSetup, std::string> engine_setup(const DataFolder& folder, const Config& config,
                                              const LedgerId& ledger_id) {
    EngineSetup setup;
    setup.data = std::filesystem::absolute(folder.root);
    auto program = find_engine(engine_search(config.network.program));
    if (!program) return Failure{program.error()};
    setup.program = std::move(*program);
    if (auto right = check_engine_version(setup.program); !right) return Failure{right.error()};
    setup.listen = config.network.listen;
    setup.external = config.network.external;
    setup.moniker = engine_moniker(ledger_id);
    setup.verbose = config.log.level == "debug";
    setup.peers = config.network.peers;
    std::error_code ignored;
    if (std::filesystem::exists(folder.network(), ignored)) {
        const auto network = load_network(folder.network());
        if (!network) return Failure{network.error().sentence};
        if (network->ledger_id != ledger_id)
            return Failure{folder.network().string() + " is of ledger " +
                           to_hex(network->ledger_id.view()) + ", this node's is " +
                           to_hex(ledger_id.view()) + "."};
        if (setup.peers.empty()) setup.peers = peer_addresses(*network);
    }
    for (const auto& peer : setup.peers) setup.admitted.push_back(peer.substr(0, peer.find('@')));
    for (const auto& id : config.network.extra_peers) setup.admitted.push_back(id);
    return setup;
}

EngineGenesis engine_genesis(const ledger::Store& store) {
    EngineGenesis genesis;
    genesis.chain_id = store.chain_id();
    genesis.initial_height = store.segments().back().first_height;
    ensure(store.height() + 1 == genesis.initial_height,
           "a segment's genesis follows from the block before it");
    genesis.time = genesis.initial_height == 1
                       ? make_timestamp(static_cast<std::int64_t>(store.genesis().time()), 0)
                       : timestamp_from_milliseconds(milliseconds_of(store.block_time()) +
                                                     pause_between_segments_ms);
    genesis.validators = store.segment_validators();
    genesis.app_hash = app_hash_of(store.app_state());
    genesis.evidence_seconds = store.genesis().parameters().trusting_period_seconds();
    return genesis;
}

Result<void, std::string> prepare_engine(const EngineSetup& setup, const ledger::Store& store) {
    if (auto fits = check_engine_sockets(setup); !fits) return fits;
    const auto first = store.segments().back().first_height;
    if (store.height() + 1 == first) {
        if (auto made = prepare_engine_folder(setup, engine_genesis(store)); !made)
            return Failure{made.error().sentence};
        return {};
    }
    if (auto whole = check_engine_folder(setup); !whole) return Failure{whole.error().sentence};
    // It would begin at the segment's first block, with a ledger that has gone on from there.
    std::error_code ignored;
    if (!std::filesystem::exists(setup.home() / "data/blockstore.db", ignored))
        return Failure{setup.home().string() +
                       " has lost its blocks, and the ledger beside it has gone on without them. "
                       "Bring the node back from its peers: see \"A node that lost its disk\" in "
                       "docs/OPERATIONS.md."};
    const auto chain_id = chain_id_in(setup.genesis_file());
    if (chain_id != store.chain_id())
        return Failure{setup.home().string() + " belongs to segment " + chain_id +
                       ", the ledger is in " + store.chain_id() + ". Run: tallyd handover --data " +
                       setup.data.string()};
    return {};
}

}  // namespace tallystick::node
