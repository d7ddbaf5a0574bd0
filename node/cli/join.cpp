#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "node/cli/command.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/engine_files.hpp"
#include "node/engine/cometbft/sign_state.hpp"
#include "node/founding.hpp"
#include "node/http_client.hpp"
#include "node/keys.hpp"
#include "node/network_file.hpp"
#include "protocol/canonical.hpp"
#include "protocol/trust.hpp"

/// Becoming a node of a network: together with other founders, later, or again after a lost disk.
namespace tallystick::node::cli {
namespace {

struct JoinOptions {
    std::string data;
    std::vector<std::string> founders;
    std::string network_file;
    std::string trust_file;
    std::vector<std::string> apis;
    std::string node_key;
    std::optional<std::uint64_t> highest_height;
    bool as_json = false;
};

constexpr std::size_t founder_bytes_max = 1048576;

std::string proving(const LoadedGenesis& loaded, const std::string& data,
                    const std::string& handle) {
    return "Each signer of " + handle +
           " now proves that the key is theirs, once. Its owner runs:\n  tally key proof "
           "--ledger " +
           to_hex(loaded.ledger_id.view()) + " --account " + handle +
           " > proof.json\nGive each proof to every other authority, take all of them in with:\n  "
           "tallyd genesis prove --data " +
           data + " --proof proof.json …\nand start the node:\n  tallyd serve --data " + data +
           "\n";
}

/// The founders' files, this node's own among them.
Result<std::vector<Founder>, std::string> read_founders(const JoinOptions& options) {
    std::vector<Founder> founders;
    for (const auto& path : options.founders) {
        const auto text = read_file(path, founder_bytes_max);
        if (!text) return Failure{text.error().sentence};
        auto founder = read_founder(*text);
        if (!founder) return Failure{path + " cannot be used: " + founder.error()};
        founders.push_back(std::move(*founder));
    }
    return founders;
}

NetworkFile network_of(const std::vector<Founder>& founders, const LoadedGenesis& loaded) {
    NetworkFile network;
    network.ledger_id = loaded.ledger_id;
    for (const auto& authority : loaded.genesis.authorities())
        for (const auto& founder : founders) {
            const auto& its = founder.genesis.authorities(0);
            if (its.handle() != authority.handle()) continue;
            const auto key = PublicKey::from(its.node().public_key());
            ensure(key.has_value(), "the rules accepted a key of 32 bytes");
            network.peers.push_back({its.handle(), peer_id(*key), founder.address});
        }
    return network;
}

void print(const JoinOptions& options, const LoadedGenesis& loaded, const NetworkFile& network,
           const PublicKey& own) {
    if (options.as_json) {
        std::cout << nlohmann::json{{"format", "tallystick-join-1"},
                                    {"ledger_id", to_hex(loaded.ledger_id.view())},
                                    {"chain_id", loaded.chain_id},
                                    {"node_key", to_hex(own.view())},
                                    {"peer_id", peer_id(own)},
                                    {"peers", network.peers.size()}}
                         .dump()
                  << '\n';
        return;
    }
    std::cout << "Ledger:    " << loaded.genesis.name()
              << "\nLedger id: " << to_hex(loaded.ledger_id.view())
              << "\nPeer id:   " << peer_id(own) << '\n';
}

Exit join_founders(const JoinOptions& options, const DataFolder& folder) {
    if (const auto checked = check_data_folder(folder); !checked)
        return fail("Make this authority's data folder first (tallyd init --network). " +
                    checked.error().sentence);
    std::error_code ignored;
    if (std::filesystem::exists(folder.ledger(), ignored))
        return fail(folder.root.string() + " has a ledger already; nothing was changed.");
    const auto key = read_node_key(node_key_file(folder.root));
    if (!key) return fail(key.error().sentence);
    const auto founders = read_founders(options);
    if (!founders) return fail(founders.error());
    const auto genesis = found(*founders);
    if (!genesis) return fail(genesis.error());
    const pb::GenesisAuthority* own = nullptr;
    for (const auto& authority : genesis->authorities())
        if (authority.node().public_key() == key->public_key().text()) own = &authority;
    if (own == nullptr)
        return fail(
            "None of the founder files is of this node: its own, which tallyd init wrote, "
            "belongs to the set too.");
    pb::GenesisFile file;
    file.set_genesis(canonical_bytes(*genesis));
    for (int i = 0; i < genesis->authorities_size(); ++i) file.add_proofs();
    const auto loaded = loaded_genesis_from(std::move(file));
    if (!loaded) return fail(loaded.error().sentence);
    const auto network = network_of(*founders, *loaded);
    if (const auto saved = save_genesis(folder, loaded->file); !saved)
        return fail(saved.error().sentence);
    if (const auto saved = write_file_atomically(folder.network(), network_json(network),
                                                 FileMode::everyone_reads);
        !saved)
        return fail(saved.error().sentence);
    print(options, *loaded, network, key->public_key());
    std::cerr << "\nCompare the ledger id with every other founder, by voice: if one letter "
                 "differs, the sets of founder files differed.\n"
              << proving(*loaded, options.data, own->handle());
    return Exit::done;
}

/// The key that a lost node had, put in its place in the new folder.
Result<SigningKey, FileError> put_key_back(const DataFolder& folder, const std::string& from) {
    auto key = read_node_key(from);
    if (!key) return key;
    if (auto written = write_node_key(folder.node_key(), *key); !written)
        return Failure{written.error()};
    return key;
}

/// What a node that takes a snapshot needs beside the peers: whom it asks, and what it trusts.
Result<void, std::string> add_what_is_said(const JoinOptions& options, NetworkFile& network) {
    for (const auto& api : options.apis) {
        if (const auto url = api_url_from(api); !url)
            return Failure{api + " cannot be used: wanted is " + url.error() + "."};
        if (std::ranges::find(network.apis, api) == network.apis.end()) network.apis.push_back(api);
    }
    if (!options.trust_file.empty()) {
        auto text = read_file(options.trust_file, trust_file_bytes_max);
        if (!text) return Failure{text.error().sentence};
        network.trust = std::move(*text);
    }
    if (network.trust.empty()) return {};
    const auto trust = parse_trust(network.trust);
    if (!trust) return Failure{"The trust file cannot be used: " + trust.error().sentence};
    if (trust->ledger_id != network.ledger_id)
        return Failure{"The trust file is of ledger " + to_hex(trust->ledger_id.view()) +
                       ", the network file of " + to_hex(network.ledger_id.view()) + "."};
    return {};
}

std::string how_it_begins(const NetworkFile& network) {
    if (network.trust.empty() || network.apis.empty())
        return std::string{
                   "It will execute every block from the first. For a quicker start with a "
                   "snapshot "} +
               (network.trust.empty() ? "name a trust file (--trust) and " : "") +
               "name the public APIs of other authorities (--api).\n";
    return "It begins with a snapshot of its peers, checked against the trust file, if they have "
           "one.\n";
}

Exit join_running(const JoinOptions& options, const DataFolder& folder) {
    auto network = load_network(options.network_file);
    if (!network) return fail(network.error().sentence);
    auto file = decode_canonical_as<pb::GenesisFile>(network->genesis);
    if (!file || network->genesis.empty())
        return fail(options.network_file +
                    " has no genesis in it: ask a member for the file that `tallyd network export` "
                    "writes.");
    const auto loaded = loaded_genesis_from(std::move(*file));
    if (!loaded) return fail(loaded.error().sentence);
    if (loaded->ledger_id != network->ledger_id)
        return fail(options.network_file + " does not fit together: its genesis is ledger " +
                    to_hex(loaded->ledger_id.view()) + ", it says " +
                    to_hex(network->ledger_id.view()) + ". Ask for it again.");
    if (auto added = add_what_is_said(options, *network); !added) return fail(added.error());
    if (!missing_proofs(*loaded).empty())
        return fail(options.network_file +
                    " lacks proofs of the founders' keys. Ask for it again.");
    if (!options.node_key.empty() && !options.highest_height)
        return fail(
            "A key that has signed before must not sign a height again: say --highest-height "
            "HEIGHT, with the newest block that any other node shows, plus one; 0 if the "
            "key never signed.",
            Exit::usage);
    if (const auto made = create_data_folder(folder); !made) return fail(made.error().sentence);
    const auto key = options.node_key.empty() ? create_node_key(folder.node_key())
                                              : put_key_back(folder, options.node_key);
    if (!key) return fail(key.error().sentence);
    if (const auto saved = save_genesis(folder, loaded->file); !saved)
        return fail(saved.error().sentence);
    if (const auto kept =
            keep_sign_state(folder.root, sign_state_above(options.highest_height.value_or(0)));
        !kept)
        return fail(kept.error().sentence);
    if (const auto bound = bind_sign_state(folder.root, peer_id(key->public_key())); !bound)
        return fail(bound.error().sentence);
    if (const auto saved = write_file_atomically(folder.network(), network_json(*network),
                                                 FileMode::everyone_reads);
        !saved)
        return fail(saved.error().sentence);
    print(options, *loaded, *network, key->public_key());
    std::cerr << "\nCompare the ledger id with a member, by voice. Then start the node:\n  tallyd "
                 "serve --data "
              << options.data << '\n'
              << how_it_begins(*network)
              << "It follows the ledger as an observer until the authorities admit its key. The "
                 "members let it in once its peer id stands in their setting "
                 "network.extra_peers, or its authority is admitted.\n";
    return Exit::done;
}

Exit join(const JoinOptions& options) {
    const DataFolder folder{options.data};
    if (options.founders.empty() == options.network_file.empty())
        return fail("Say either --founder FILE for every founder, or --network-file FILE.",
                    Exit::usage);
    return options.founders.empty() ? join_running(options, folder)
                                    : join_founders(options, folder);
}

}  // namespace

void add_join(CLI::App& app, Run& run) {
    const auto options = std::make_shared<JoinOptions>();
    auto* command = app.add_subcommand("join", "Become a node of a network of authorities");
    command->add_option("--data", options->data, "Data folder")->required();
    command->add_option("--founder", options->founders,
                        "Founder files of all founding authorities, this one's among them");
    command->add_option("--network-file", options->network_file,
                        "File that a member's `tallyd network export` wrote");
    command->add_option("--api", options->apis,
                        "With --network-file: public API of another authority, to begin with a "
                        "snapshot (may be repeated)");
    command->add_option("--trust", options->trust_file,
                        "With --network-file: your trust file, in the place of the one in it");
    command->add_option("--node-key", options->node_key,
                        "With --network-file: the key file of a node that lost its disk");
    command->add_option("--highest-height", options->highest_height,
                        "With --node-key: the highest height that this key may have signed");
    command->add_flag("--json", options->as_json, "Say what was made as JSON");
    command->callback([options, &run] { run = [options] { return join(*options); }; });
}

}  // namespace tallystick::node::cli
