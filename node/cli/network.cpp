#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "node/cli/command.hpp"
#include "node/config/addresses.hpp"
#include "node/control.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/engine_files.hpp"
#include "node/http_client.hpp"
#include "node/keys.hpp"
#include "node/network_file.hpp"
#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"

/// What an operator asks about a node's network, and what a new member needs of it.
namespace tallystick::node::cli {
namespace {

struct NetworkOptions {
    std::string data;
    std::string output;
    std::string account;
    std::vector<std::string> add;
    std::vector<std::string> remove;
    std::vector<std::string> add_apis;
    std::vector<std::string> remove_apis;
    bool as_json = false;
};

/// What the folder alone tells.
struct Known {
    LoadedGenesis genesis;
    NetworkFile network;
    PublicKey key;
};

Result<Known, std::string> read_folder(const DataFolder& folder) {
    if (const auto checked = check_data_folder(folder); !checked)
        return Failure{checked.error().sentence};
    auto genesis = load_genesis(folder);
    if (!genesis) return Failure{genesis.error().sentence};
    const auto key = read_node_key(node_key_file(folder.root));
    if (!key) return Failure{key.error().sentence};
    NetworkFile network;
    network.ledger_id = genesis->ledger_id;
    std::error_code ignored;
    if (std::filesystem::exists(folder.network(), ignored)) {
        auto loaded = load_network(folder.network());
        if (!loaded) return Failure{loaded.error().sentence};
        network = std::move(*loaded);
    }
    return Known{std::move(*genesis), std::move(network), key->public_key()};
}

Exit status(const NetworkOptions& options) {
    const DataFolder folder{options.data};
    const auto known = read_folder(folder);
    if (!known) return fail(known.error());
    nlohmann::ordered_json told{{"format", "tallystick-network-status-1"},
                                {"ledger_id", to_hex(known->genesis.ledger_id.view())},
                                {"peer_id", peer_id(known->key)},
                                {"peers_known", known->network.peers.size()},
                                {"running", false}};
    if (const auto answer = ask_running_node(folder.control(), "network -")) {
        const auto live = nlohmann::ordered_json::parse(*answer, nullptr, false);
        if (!live.is_object()) return fail(*answer);
        told["running"] = true;
        told.update(live);
    }
    if (options.as_json) {
        std::cout << told.dump() << '\n';
        return Exit::done;
    }
    std::cout << "Ledger id: " << told["ledger_id"].get<std::string>()
              << "\nPeer id:   " << told["peer_id"].get<std::string>() << '\n';
    for (const auto& peer : known->network.peers)
        std::cout << "Peer:      " << peer.id << '@' << peer.address
                  << (peer.authority.empty() ? "" : "  (" + peer.authority + ")") << '\n';
    if (!told["running"].get<bool>()) {
        std::cout << "The node does not run.\n";
        return Exit::done;
    }
    std::cout << "Chain:     " << told.value("chain_id", "") << ", block "
              << told.value("height", 0) << ", " << told.value("behind", 0)
              << " behind the head\nConnected: " << told.value("peers", 0) << " peers\n";
    for (const auto& reason : told.value("failing", nlohmann::ordered_json::array()))
        std::cout << "Not ready: " << reason.get<std::string>() << '\n';
    return Exit::done;
}

Exit write_out(const std::string& output, const std::string& text) {
    if (output.empty() || output == "-") {
        std::cout << text;
        return Exit::done;
    }
    const auto written = write_file_atomically(output, text, FileMode::everyone_reads);
    return written ? Exit::done : fail(written.error().sentence);
}

Exit export_network(const NetworkOptions& options) {
    const DataFolder folder{options.data};
    auto known = read_folder(folder);
    if (!known) return fail(known.error());
    if (known->network.peers.empty())
        return fail(
            "This folder knows no peers: name them with tallyd network peers --add "
            "ID@HOST:PORT, its own address among them.");
    known->network.genesis = canonical_bytes(known->genesis.file);
    EngineSetup setup;
    setup.data = folder.root;
    if (auto text = read_file(setup.genesis_file(), 16777216))
        known->network.engine_genesis = std::move(*text);
    // Where the node runs, it adds what a verifier starts from.
    const auto trust = std::filesystem::absolute(folder.run() / "export.trust.json");
    const auto answer = ask_running_node(folder.control(), "trust " + trust.string());
    if (answer && *answer == "done") {
        if (auto text = read_file(trust, 16777216)) known->network.trust = std::move(*text);
        std::error_code ignored;
        std::filesystem::remove(trust, ignored);
    }
    if (known->network.trust.empty())
        std::cerr << "The file has no trust file in it"
                  << (answer ? ": " + *answer : ", since the node does not run.")
                  << " Who joins with it gives one of their own (tallyd join --trust) or executes "
                     "every block.\n";
    return write_out(options.output, network_json(known->network));
}

/// `ID@HOST:PORT`, or with the authority before it: `suffolk=ID@HOST:PORT`.
std::optional<NetworkPeer> peer_from(const std::string& text) {
    const auto equals = text.find('=');
    NetworkPeer peer;
    if (equals != std::string::npos) peer.authority = text.substr(0, equals);
    const auto rest = equals == std::string::npos ? text : text.substr(equals + 1);
    if (!is_peer_address(rest)) return std::nullopt;
    const auto at = rest.find('@');
    peer.id = rest.substr(0, at);
    peer.address = rest.substr(at + 1);
    return peer;
}

/// Public APIs that are written down, for those who join.
Result<void, std::string> change_apis(const NetworkOptions& options,
                                      std::vector<std::string>& apis) {
    for (const auto& url : options.remove_apis)
        if (std::erase(apis, url) == 0) return Failure{"There is no API " + url + "."};
    for (const auto& url : options.add_apis) {
        if (const auto read = api_url_from(url); !read)
            return Failure{url + " cannot be used: wanted is " + read.error() + "."};
        if (std::ranges::find(apis, url) == apis.end()) apis.push_back(url);
    }
    return {};
}

Exit peers(const NetworkOptions& options) {
    const DataFolder folder{options.data};
    auto known = read_folder(folder);
    if (!known) return fail(known.error());
    auto& list = known->network.peers;
    for (const auto& id : options.remove)
        if (std::erase_if(list, [&](const NetworkPeer& peer) { return peer.id == id; }) == 0)
            return fail("There is no peer " + id + ".");
    for (const auto& text : options.add) {
        auto peer = peer_from(text);
        if (!peer)
            return fail(text + " is no peer: write ID@HOST:PORT, or AUTHORITY=ID@HOST:PORT.",
                        Exit::usage);
        std::erase_if(list, [&](const NetworkPeer& other) { return other.id == peer->id; });
        list.push_back(std::move(*peer));
    }
    if (auto changed = change_apis(options, known->network.apis); !changed)
        return fail(changed.error(), Exit::usage);
    if (!options.add.empty() || !options.remove.empty() || !options.add_apis.empty() ||
        !options.remove_apis.empty()) {
        const auto saved = write_file_atomically(folder.network(), network_json(known->network),
                                                 FileMode::everyone_reads);
        if (!saved) return fail(saved.error().sentence);
        std::cerr << "The node takes these peers at its next start.\n";
    }
    for (const auto& peer : list)
        std::cout << (peer.authority.empty() ? "" : peer.authority + "=") << peer.id << '@'
                  << peer.address << '\n';
    for (const auto& url : known->network.apis) std::cout << "api=" << url << '\n';
    return Exit::done;
}

/// The node's proof that its key is its own, for an authority that the others admit or whose node
/// is replaced. The same form as `tally key proof`.
Exit proof(const NetworkOptions& options) {
    const DataFolder folder{options.data};
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    if (!AccountId::from(options.account))
        return fail(options.account + " is not an account.", Exit::usage);
    const auto genesis = load_genesis(folder);
    if (!genesis) return fail(genesis.error().sentence);
    const auto key = read_node_key(node_key_file(folder.root));
    if (!key) return fail(key.error().sentence);
    const auto signature = key->sign(
        bytes_of(key_proof_message(genesis->ledger_id, options.account, key->public_key().text())));
    const nlohmann::ordered_json made{{"account", options.account},
                                      {"ledger_id", to_hex(genesis->ledger_id.view())},
                                      {"public_key", to_hex(key->public_key().view())},
                                      {"signature", to_hex(signature.view())}};
    return write_out(options.output, made.dump() + "\n");
}

CLI::App* add(CLI::App& group, const std::string& name, const std::string& help,
              const std::shared_ptr<NetworkOptions>& options, Run& run,
              Exit (*command)(const NetworkOptions&)) {
    auto* made = group.add_subcommand(name, help);
    made->add_option("--data", options->data, "Data folder")->required();
    made->callback(
        [options, &run, command] { run = [options, command] { return command(*options); }; });
    return made;
}

}  // namespace

void add_network(CLI::App& app, Run& run) {
    auto* group = app.add_subcommand("network", "The network that this node belongs to");
    group->require_subcommand(1);
    const auto options = std::make_shared<NetworkOptions>();
    auto* status_command =
        add(*group, "status", "Who the peers are, and how this node does", options, run, status);
    status_command->add_flag("--json", options->as_json, "As JSON");
    auto* export_command = add(
        *group, "export", "Write what a node needs to join: genesis, peers, trust. Nothing secret",
        options, run, export_network);
    export_command
        ->add_option("-o,--output", options->output, "File to write; - for standard output")
        ->required();
    auto* peers_command =
        add(*group, "peers", "List the peers that are written down, or change them", options, run,
            peers);
    peers_command->add_option("--add", options->add, "ID@HOST:PORT or AUTHORITY=ID@HOST:PORT");
    peers_command->add_option("--remove", options->remove, "ID");
    peers_command->add_option("--add-api", options->add_apis,
                              "URL of an authority's public API, for nodes that join");
    peers_command->add_option("--remove-api", options->remove_apis, "URL");
    auto* proof_command = add(*group, "proof", "Write the proof that the node's key is this node's",
                              options, run, proof);
    proof_command->add_option("--account", options->account, "Handle of the node's authority")
        ->required();
    proof_command->add_option("-o,--output", options->output,
                              "File to write; - for standard output");
}

}  // namespace tallystick::node::cli
