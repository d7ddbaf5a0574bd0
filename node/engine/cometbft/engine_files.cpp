#include "node/engine/cometbft/engine_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "node/api/json.hpp"
#include "node/engine/cometbft/engine_version.hpp"
#include "node/engine/cometbft/rpc_json.hpp"
#include "node/engine/cometbft/signer_file.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::node {
namespace {

constexpr std::size_t genesis_bytes_max = 16777216;
constexpr std::size_t moniker_digits = 32;
constexpr std::uint64_t evidence_bytes_max = 1048576;
/// Evidence is forgotten once it is older than this many blocks and than the trusting period, both.
/// It is passed on to other nodes only while it is younger than this many blocks: with a small
/// number what one node saw would stay with that node until its turn to propose.
constexpr std::uint64_t evidence_blocks = 100000;

Failure<FileError> refuse(std::string sentence) {
    return Failure{FileError{std::move(sentence)}};
}

/// A text in TOML's quotation marks.
std::string toml_text(std::string_view text) {
    std::string made = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') made.push_back('\\');
        made.push_back(c);
    }
    return made + '"';
}

std::string joined(const std::vector<std::string>& texts) {
    std::string made;
    for (const auto& text : texts) made += (made.empty() ? "" : ",") + text;
    return made;
}

/// Fills `out` with the pieces, secret or not, without leaving a copy elsewhere.
SecretBytes secret_text(std::string_view before, const SecretBytes& secret,
                        std::string_view after) {
    SecretBytes made{before.size() + secret.size() + after.size()};
    std::memcpy(made.data(), before.data(), before.size());
    std::memcpy(made.data() + before.size(), secret.data(), secret.size());
    std::memcpy(made.data() + before.size() + secret.size(), after.data(), after.size());
    return made;
}

/// Base64 without a copy that would not be wiped.
SecretBytes secret_base64(const SecretBytes& secret) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    SecretBytes text{(secret.size() + 2) / 3 * 4};
    std::size_t to = 0;
    for (std::size_t at = 0; at < secret.size(); at += 3) {
        const auto left = std::min<std::size_t>(3, secret.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (i < left ? secret.data()[at + i] : 0U);
        for (std::size_t i = 0; i < 4; ++i) {
            const auto digit = digits[group >> (18 - 6 * i) & 63U];
            text.data()[to++] = static_cast<std::uint8_t>(i <= left ? digit : '=');
        }
    }
    return text;
}

/// The engine's form of a private key, in base64: the seed, then the public key.
SecretBytes private_key_base64(const SigningKey& key) {
    const auto seed = key.seed();
    SecretBytes both{SigningKey::seed_bytes + PublicKey::size};
    std::memcpy(both.data(), seed.data(), seed.size());
    std::memcpy(both.data() + seed.size(), key.public_key().bytes.data(), PublicKey::size);
    return secret_base64(both);
}

SecretBytes peer_key_json(const SigningKey& key) {
    return secret_text(R"({"priv_key":{"type":"tendermint/PrivKeyEd25519","value":")",
                       private_key_base64(key), "\"}}");
}

SecretBytes validator_key_json(const SigningKey& key) {
    const auto address = address_of(key.public_key());
    const auto before = R"({"address":")" + upper_hex(address.view()) +
                        R"(","pub_key":{"type":"tendermint/PubKeyEd25519","value":")" +
                        api::to_base64(key.public_key().text()) +
                        R"("},"priv_key":{"type":"tendermint/PrivKeyEd25519","value":")";
    return secret_text(before, private_key_base64(key), "\"}}");
}

/// Peers, without ourselves.
std::string peers_of(const EngineSetup& setup, const std::string& own_id) {
    std::vector<std::string> others;
    for (const auto& peer : setup.peers)
        if (!peer.starts_with(own_id + "@")) others.push_back(peer);
    return joined(others);
}

std::string state_sync_toml(const EngineSetup& setup) {
    if (setup.state_sync.empty()) return "[statesync]\nenable = false\n";
    const auto& sync = setup.state_sync.front();
    return "[statesync]\nenable = true\nrpc_servers = " + toml_text(joined(sync.servers)) +
           "\ntrust_height = " + std::to_string(sync.trust_height) +
           "\ntrust_hash = " + toml_text(upper_hex(sync.trust_hash.view())) +
           "\ntrust_period = " + toml_text(std::to_string(sync.trust_seconds) + "s") +
           "\ntemp_dir = " + toml_text((setup.home() / "data").string()) +
           "\ndiscovery_time = \"5s\"\nchunk_request_timeout = \"10s\"\nchunk_fetchers = \"4\"\n"
           "max_snapshot_chunks = 100000\n";
}

Result<void, FileError> make_folders(const EngineSetup& setup) {
    for (const auto& folder : {setup.home(), setup.home() / "config", setup.home() / "data"}) {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
        if (error)
            return refuse("Could not make the folder " + folder.string() + ": " + error.message() +
                          ".");
    }
    return sync_folder(setup.data);
}

}  // namespace

Result<void, std::string> check_engine_sockets(const EngineSetup& setup) {
    for (const auto& socket : {setup.abci_socket(), setup.rpc_socket()}) {
        const auto size = socket.string().size();
        if (size > socket_path_bytes_max)
            return Failure{"The path " + socket.string() + " has " + std::to_string(size) +
                           " bytes; a socket's path may have " +
                           std::to_string(socket_path_bytes_max) +
                           ". Move the data folder to a place with a shorter name."};
    }
    return {};
}

std::string engine_moniker(const LedgerId& ledger_id) {
    return "tallystick-" + to_hex(ledger_id.view()).substr(0, moniker_digits);
}

std::string peer_id(const PublicKey& key) {
    return to_hex(address_of(key).view());
}

std::string engine_parameters_json(const EngineGenesis& genesis) {
    using Json = nlohmann::ordered_json;
    const Json parameters{
        {"block", {{"max_bytes", std::to_string(engine_block_bytes_max)}, {"max_gas", "-1"}}},
        {"evidence",
         {{"max_age_num_blocks", std::to_string(evidence_blocks)},
          {"max_age_duration", std::to_string(genesis.evidence_seconds) + "000000000"},
          {"max_bytes", std::to_string(evidence_bytes_max)}}},
        {"validator", {{"pub_key_types", {"ed25519"}}}},
        {"version", {{"app", "1"}}},
        {"abci", {{"vote_extensions_enable_height", "0"}}}};
    return parameters.dump();
}

std::string engine_genesis_json(const EngineGenesis& genesis) {
    using Json = nlohmann::ordered_json;
    Json validators = Json::array();
    for (const auto& validator : genesis.validators.validators()) {
        const auto key = PublicKey::from(validator.public_key());
        ensure(key.has_value(), "validators' keys have 32 bytes");
        validators.push_back(
            {{"address", upper_hex(address_of(*key).view())},
             {"pub_key",
              {{"type", "tendermint/PubKeyEd25519"}, {"value", api::to_base64(key->text())}}},
             {"power", std::to_string(validator.power())},
             {"name", ""}});
    }
    const auto parameters = Json::parse(engine_parameters_json(genesis));
    const Json made{{"genesis_time", timestamp_to_text(genesis.time)},
                    {"chain_id", genesis.chain_id},
                    {"initial_height", std::to_string(genesis.initial_height)},
                    {"consensus_params", parameters},
                    {"validators", validators},
                    {"app_hash", upper_hex(genesis.app_hash.view())},
                    // What our own InitChain is shown of it.
                    {"app_state", to_hex(genesis.app_hash.view())}};
    return made.dump(2) + "\n";
}

std::string engine_config_toml(const EngineSetup& setup, const std::string& own_id) {
    std::string text = "# Written by tallyd at each start; changes here are lost.\n";
    text += "proxy_app = " + toml_text("unix://" + setup.abci_socket().string()) +
            "\nmoniker = " + toml_text(setup.moniker) +
            "\ndb_backend = \"goleveldb\"\ndb_dir = \"data\"\nlog_level = " +
            toml_text(setup.verbose ? "info" : "error") +
            "\nlog_format = \"json\"\ngenesis_file = \"config/genesis.json\"\n"
            "priv_validator_key_file = " +
            toml_text(secret_path(0).string()) +
            "\npriv_validator_state_file = \"data/priv_validator_state.json\"\nnode_key_file = " +
            toml_text(secret_path(1).string()) + "\nabci = \"socket\"\nfilter_peers = true\n";
    // Nobody but this node asks the engine anything; "unsafe" are the calls that have it do
    // something.
    text += "[rpc]\nladdr = " + toml_text("unix://" + setup.rpc_socket().string()) +
            "\ngrpc_laddr = \"\"\nunsafe = true\nmax_body_bytes = 2000000\npprof_laddr = \"\"\n";
    text += "[p2p]\nladdr = " + toml_text("tcp://" + setup.listen) +
            "\nexternal_address = " + toml_text(setup.external) +
            "\nseeds = \"\"\npersistent_peers = " + toml_text(peers_of(setup, own_id)) +
            "\nunconditional_peer_ids = " + toml_text(joined(setup.admitted)) +
            "\npersistent_peers_max_dial_period = \"10s\"\naddr_book_strict = false\npex = false\n"
            "allow_duplicate_ip = true\nmax_packet_msg_payload_size = 65536\n"
            "send_rate = 209715200\nrecv_rate = 209715200\nhandshake_timeout = \"10s\"\n"
            "dial_timeout = \"3s\"\n";
    // Every message waits so long before it goes out, on each of the four hops to a block; the
    // engine's own 10 ms were half of a commit.
    text += "flush_throttle_timeout = \"1ms\"\n";
    text +=
        "[mempool]\ntype = \"flood\"\nrecheck = true\nbroadcast = true\nsize = 20000\n"
        "max_txs_bytes = 268435456\ncache_size = 40000\nmax_tx_bytes = 1048576\n";
    text += state_sync_toml(setup);
    text += "[blocksync]\nversion = \"v0\"\nadaptive_sync = false\n";
    // The next block begins so long after the precommits for this one. Executing it falls into that
    // time, and what bundles need that were made with it to reach who proposes (docs/adr/0026). A
    // node alone has nobody to wait for.
    const std::string pause = peers_of(setup, own_id).empty() ? "0s" : "50ms";
    text +=
        "[consensus]\nwal_file = \"data/cs.wal/wal\"\ntimeout_propose = \"400ms\"\n"
        "timeout_propose_delta = \"200ms\"\ntimeout_prevote = \"200ms\"\n"
        "timeout_prevote_delta = \"200ms\"\ntimeout_precommit = \"200ms\"\n"
        "timeout_precommit_delta = \"200ms\"\ntimeout_commit = " +
        toml_text(pause) + "\nskip_timeout_commit = false\ncreate_empty_blocks = false\n";
    // How long each of proposal, prevote and precommit may lie before a peer is told. 10 ms make a
    // block at rest last a third longer; 3 ms cost a hundredth of a core more at rest, 2 ms twice
    // that.
    text += "peer_gossip_sleep_duration = \"3ms\"\n";
    text +=
        "[storage]\ndiscard_abci_responses = true\n[tx_index]\nindexer = \"null\"\n"
        "[instrumentation]\nprometheus = false\n";
    return text;
}

bool has_engine_blocks(const EngineSetup& setup) {
    std::error_code ignored;
    return std::filesystem::exists(setup.home() / "data/blockstore.db", ignored);
}

Result<void, FileError> note_first_blocks_gone(const EngineSetup& setup) {
    if (first_blocks_are_gone(setup)) return {};
    return write_file_atomically(setup.begins_late_file(),
                                 "The engine's blocks do not begin with the first one.\n",
                                 FileMode::owner_only);
}

bool first_blocks_are_gone(const EngineSetup& setup) {
    std::error_code ignored;
    return std::filesystem::exists(setup.begins_late_file(), ignored);
}

Result<void, FileError> forget_engine_blocks(const EngineSetup& setup) {
    const auto folder = setup.home() / "data";
    std::error_code error;
    if (std::filesystem::exists(setup.sign_state_file(), error)) {
        const auto kept = read_sign_state(setup.sign_state_file());
        if (!kept) return Failure{kept.error()};
        if (kept->height != 0)
            if (auto done =
                    write_sign_state(setup.sign_state_file(), sign_state_above(kept->height));
                !done)
                return done;
    }
    for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
        if (entry.path() == setup.sign_state_file()) continue;
        std::filesystem::remove_all(entry.path(), error);
        if (error)
            return refuse("Could not remove " + entry.path().string() + ": " + error.message() +
                          ".");
    }
    if (error) return refuse("Could not read " + folder.string() + ": " + error.message() + ".");
    return sync_folder(folder);
}

Result<void, FileError> keep_sign_state(const std::filesystem::path& data,
                                        const EngineSignState& state) {
    EngineSetup setup;
    setup.data = data;
    if (const auto made = make_folders(setup); !made) return made;
    std::error_code ignored;
    if (std::filesystem::exists(setup.sign_state_file(), ignored)) {
        const auto present = read_sign_state(setup.sign_state_file());
        if (present && present->height >= state.height) return {};
    }
    return write_sign_state(setup.sign_state_file(), state);
}

Result<void, FileError> bind_sign_state(const std::filesystem::path& data,
                                        const std::string& own_id) {
    EngineSetup setup;
    setup.data = data;
    if (const auto made = make_folders(setup); !made) return made;
    return write_signer(setup.home(), own_id);
}

Result<void, FileError> prepare_engine_folder(const EngineSetup& setup,
                                              const EngineGenesis& genesis) {
    std::error_code error;
    const auto wanted = engine_genesis_json(genesis);
    // The genesis comes last: a folder with one is whole, whenever the machine stopped.
    if (!std::filesystem::exists(setup.genesis_file(), error) && !has_engine_blocks(setup)) {
        if (const auto kept = keep_sign_state(setup.data, {}); !kept) return kept;
        return write_file_atomically(setup.genesis_file(), wanted, FileMode::owner_only);
    }
    if (auto whole = check_engine_folder(setup); !whole) return whole;
    const auto present = read_file(setup.genesis_file(), genesis_bytes_max);
    if (!present) return Failure{present.error()};
    if (*present != wanted)
        return refuse(setup.home().string() +
                      " belongs to another segment or another ledger: its genesis is not the one "
                      "that follows from this ledger. If the ledger was handed over, run: tallyd "
                      "handover --data " +
                      setup.data.string());
    return {};
}

Result<void, FileError> check_engine_folder(const EngineSetup& setup) {
    std::error_code ignored;
    if (!std::filesystem::exists(setup.genesis_file(), ignored))
        return refuse(setup.home().string() +
                      " has lost its genesis. Bring the node back from its peers: see \"A node "
                      "that lost its disk\" in docs/OPERATIONS.md.");
    const auto state = read_sign_state(setup.sign_state_file());
    if (state) return {};
    return refuse(state.error().sentence +
                  " Without it this node might sign a height twice. Run: tallyd rejoin --data " +
                  setup.data.string() +
                  " --highest-height HEIGHT, with the newest block that any other node shows, plus "
                  "one.");
}

EngineKeys::EngineKeys(const SigningKey& key)
    : validator(validator_key_json(key)), peer(peer_key_json(key)) {}

Result<ChildCommand, std::string> engine_command(const EngineSetup& setup,
                                                 const std::string& own_id,
                                                 const EngineKeys& keys) {
    if (auto right = check_engine_version(setup.program); !right) return Failure{right.error()};
    if (auto fits = check_engine_sockets(setup); !fits) return Failure{fits.error()};
    if (auto whole = check_engine_folder(setup); !whole) return Failure{whole.error().sentence};
    if (auto fault = signer_fault(setup.home(), own_id, setup.data))
        return Failure{std::move(*fault)};
    // A founder's folder, at its first start.
    std::error_code ignored;
    if (!std::filesystem::exists(setup.signer_file(), ignored))
        if (auto bound = write_signer(setup.home(), own_id); !bound)
            return Failure{bound.error().sentence};
    if (auto written =
            write_file_atomically(setup.home() / "config/config.toml",
                                  engine_config_toml(setup, own_id), FileMode::owner_only);
        !written)
        return Failure{written.error().sentence};
    // A socket that a killed engine left would keep the new one from listening.
    std::filesystem::remove(setup.rpc_socket(), ignored);
    ChildCommand command;
    command.program = setup.program;
    command.arguments = {"start", "--home", setup.home().string()};
    // Garbage is collected four times less often than Go would: memory is there, time is not.
    command.environment = {"GOGC=400", "HOME=" + setup.home().string()};
    command.folder = setup.data;
    command.secrets = {&keys.validator, &keys.peer};
    return command;
}

}  // namespace tallystick::node
