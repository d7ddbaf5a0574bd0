#include <algorithm>
#include <charconv>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "ledger/state_machine.hpp"
#include "node/cli/command.hpp"
#include "node/config/addresses.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/engine_files.hpp"
#include "node/founding.hpp"
#include "node/keys.hpp"
#include "protocol/canonical.hpp"

namespace tallystick::node::cli {
namespace {

struct InitOptions {
    std::string data;
    std::string name;
    std::string authority;
    std::vector<std::string> display_names;
    std::vector<std::string> identifiers;
    std::vector<std::string> signers;
    std::uint32_t routine_threshold = 1;
    std::string amount_limit;
    std::uint32_t above_threshold = 0;
    std::uint32_t policy_threshold = 0;
    std::vector<std::string> parameters;
    bool network = false;
    std::string peer_address;
    std::string founder_file;
    bool as_json = false;
};

using Problem = std::optional<std::string>;

/// `text` or `cy:text`.
pb::DisplayName display_name_from(const std::string& text) {
    pb::DisplayName name;
    const bool has_language = text.size() > 3 && text[2] == ':';
    name.set_language(has_language ? text.substr(0, 2) : "en");
    name.set_text(has_language ? text.substr(3) : text);
    return name;
}

Problem add_identifiers(const InitOptions& options, pb::GenesisAuthority& authority) {
    std::vector<std::pair<std::string, std::string>> sorted;
    for (const auto& text : options.identifiers) {
        const auto colon = text.find(':');
        if (colon == std::string::npos)
            return "The identifier " + text + " lacks its scheme: write for example GB-LAE:SFK.";
        sorted.emplace_back(text.substr(0, colon), text.substr(colon + 1));
    }
    // The rules want at least one.
    if (sorted.empty()) sorted.emplace_back("TALLYSTICK", options.authority);
    std::ranges::sort(sorted);
    for (const auto& [scheme, id] : sorted) {
        auto& identifier = *authority.add_identifiers();
        identifier.set_scheme(scheme);
        identifier.set_id(id);
    }
    return std::nullopt;
}

Problem add_policy(const InitOptions& options, pb::Policy& policy) {
    std::vector<PublicKey> keys;
    for (const auto& hex : options.signers) {
        const auto bytes = from_hex(hex);
        const auto key = bytes ? PublicKey::from(*bytes) : std::nullopt;
        if (!key) return "The signer " + hex + " is not a public key: 64 hexadecimal digits.";
        keys.push_back(*key);
    }
    std::ranges::sort(keys);
    for (const auto& key : keys) policy.add_keys(key.str());
    policy.set_routine_threshold(options.routine_threshold);
    const auto above =
        options.above_threshold != 0 ? options.above_threshold : options.routine_threshold;
    policy.set_above_threshold(above);
    policy.set_policy_threshold(options.policy_threshold != 0 ? options.policy_threshold : above);
    policy.set_amount_limit(Amount::hundredths_max);
    if (!options.amount_limit.empty()) {
        const auto limit = amount_from_text(options.amount_limit);
        if (!limit)
            return "The amount limit " + options.amount_limit + " is not an amount of credits.";
        policy.set_amount_limit(limit->hundredths());
    }
    return std::nullopt;
}

/// NAME=VALUE, where NAME is a field of pb::Parameters.
Problem set_parameter(const std::string& text, pb::Parameters& parameters) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    const auto* field = pb::Parameters::descriptor()->FindFieldByName(name);
    if (equals == std::string::npos || field == nullptr)
        return "There is no parameter called " + name +
               "; write for example reveal_seconds=259200.";
    std::uint64_t value = 0;
    const auto* begin = text.data() + equals + 1;
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > seconds_max)
        return "The parameter " + name + " needs a whole number.";
    const auto* reflection = parameters.GetReflection();
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_UINT32) {
        if (value > UINT32_MAX) return "The parameter " + name + " is too large.";
        reflection->SetUInt32(&parameters, field, static_cast<std::uint32_t>(value));
    } else {
        reflection->SetUInt64(&parameters, field, value);
    }
    return std::nullopt;
}

Result<pb::Genesis, std::string> genesis_from(const InitOptions& options,
                                              const PublicKey& node_key) {
    pb::Genesis genesis;
    genesis.set_name(options.name);
    genesis.set_time(
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count()));
    *genesis.mutable_parameters() = ledger::default_parameters();
    for (const auto& text : options.parameters)
        if (auto problem = set_parameter(text, *genesis.mutable_parameters()))
            return Failure{std::move(*problem)};
    if (options.network) genesis.set_engine(pb::ENGINE_COMETBFT);
    auto& authority = *genesis.add_authorities();
    authority.set_handle(options.authority);
    if (auto problem = add_identifiers(options, authority)) return Failure{std::move(*problem)};
    std::vector<pb::DisplayName> names;
    for (const auto& text : options.display_names) names.push_back(display_name_from(text));
    if (names.empty()) names.push_back(display_name_from(options.authority));
    std::ranges::sort(names, {}, [](const auto& name) { return name.language(); });
    for (auto& name : names) *authority.add_names() = std::move(name);
    if (auto problem = add_policy(options, *authority.mutable_policy()))
        return Failure{std::move(*problem)};
    authority.mutable_node()->set_public_key(node_key.str());
    authority.mutable_node()->set_power(1);
    if (!ledger::genesis_state(genesis))
        return Failure{
            std::string{"The ledger's rules do not allow this beginning. The name and the handle "
                        "are 3 to 32 and "
                        "3 to 40 lower-case letters, digits and hyphens; no signer or identifier "
                        "may stand twice; "
                        "the thresholds must rise from routine to policy and be at most the number "
                        "of signers."}};
    return genesis;
}

void print(const InitOptions& options, const LoadedGenesis& loaded, const PublicKey& node_key) {
    const auto ledger_id = to_hex(loaded.ledger_id.view());
    if (options.as_json) {
        std::cout << nlohmann::json{{"format", "tallystick-init-1"},
                                    {"ledger_id", ledger_id},
                                    {"chain_id", loaded.chain_id},
                                    {"account", options.authority},
                                    {"node_key", to_hex(node_key.view())}}
                         .dump()
                  << '\n';
        return;
    }
    std::cout << "Ledger:   " << loaded.genesis.name() << "\nLedger id: " << ledger_id
              << "\nNode key: " << to_hex(node_key.view()) << '\n';
    std::cerr << "\nEach signer now proves that the key is theirs, once. Its owner runs:\n"
              << "  tally key proof --ledger " << ledger_id << " --account " << options.authority
              << " > proof.json\nand you take the proof in with:\n  tallyd genesis prove --data "
              << options.data << " --proof proof.json\nThen start the node:\n  tallyd serve --data "
              << options.data << '\n';
}

/// The public file that the other founders get.
std::filesystem::path founder_file(const InitOptions& options) {
    if (!options.founder_file.empty()) return options.founder_file;
    return DataFolder{options.data}.root / (options.authority + ".founder.json");
}

void print_founder(const InitOptions& options, const PublicKey& node_key) {
    const auto file = founder_file(options).string();
    if (options.as_json) {
        std::cout << nlohmann::json{{"format", "tallystick-founder-made-1"},
                                    {"founder_file", file},
                                    {"account", options.authority},
                                    {"peer_id", peer_id(node_key)},
                                    {"node_key", to_hex(node_key.view())}}
                         .dump()
                  << '\n';
        return;
    }
    std::cout << "Founder file: " << file << "\nPeer id:      " << peer_id(node_key) << '\n';
    std::cerr << "\nNothing in that file is secret. Give it to every other founding authority and "
                 "get theirs. Once you have them all, run, with the same files on every node:\n"
              << "  tallyd join --data " << options.data << " --founder " << file
              << " --founder OTHER.founder.json …\n";
}

/// This authority's part of a network that others found with it.
Exit init_founder(const InitOptions& options, const DataFolder& folder, const SigningKey& key,
                  pb::Genesis genesis) {
    const auto text = founder_json({std::move(genesis), options.peer_address}, key);
    const auto written =
        write_file_atomically(founder_file(options), text, FileMode::everyone_reads);
    if (!written) return fail(written.error().sentence);
    if (const auto synced = sync_folder(folder.root); !synced) return fail(synced.error().sentence);
    print_founder(options, key.public_key());
    return Exit::done;
}

Exit init(const InitOptions& options) {
    const DataFolder folder{options.data};
    if (options.network && !is_host_and_port(options.peer_address))
        return fail(
            "Say by which host and port the other authorities' nodes reach this one: "
            "--peer tallystick.suffolk.example:7712",
            Exit::usage);
    if (!options.network && !(options.peer_address.empty() && options.founder_file.empty()))
        return fail("--peer and --founder-file are for a node of a network: say --network too.",
                    Exit::usage);
    // First in memory: a beginning that the rules refuse leaves no folder behind.
    const auto trial = genesis_from(options, SigningKey::generate().public_key());
    if (!trial) return fail(trial.error(), Exit::usage);
    if (const auto made = create_data_folder(folder); !made) return fail(made.error().sentence);
    const auto key = create_node_key(folder.node_key());
    if (!key) return fail(key.error().sentence);
    const auto genesis = genesis_from(options, key->public_key());
    if (!genesis) return fail(genesis.error(), Exit::usage);
    if (options.network) return init_founder(options, folder, *key, *genesis);
    pb::GenesisFile file;
    file.set_genesis(canonical_bytes(*genesis));
    file.add_proofs();
    if (const auto saved = save_genesis(folder, file); !saved) return fail(saved.error().sentence);
    const auto loaded = loaded_genesis_from(std::move(file));
    if (!loaded) return fail(loaded.error().sentence);
    print(options, *loaded, key->public_key());
    return Exit::done;
}

}  // namespace

void add_init(CLI::App& app, Run& run) {
    const auto options = std::make_shared<InitOptions>();
    auto* command = app.add_subcommand("init", "Begin a ledger: data folder, node key, genesis");
    command->add_option("--data", options->data, "Data folder to make")->required();
    command->add_option("--name", options->name, "Name of the ledger, such as suffolk-credits")
        ->required();
    command
        ->add_option("--authority", options->authority, "Handle of the authority, such as suffolk")
        ->required();
    command->add_option(
        "--display-name", options->display_names,
        "Name for people, in English or with its language before it: cy:Sir Benfro");
    command->add_option("--identifier", options->identifiers,
                        "Identifier in a public register, scheme:id, such as GB-LAE:SFK "
                        "(default: TALLYSTICK:HANDLE, the ledger's own name for it)");
    command->add_option("--signer", options->signers, "Public key of a signer, in hexadecimal")
        ->required();
    command->add_option("--routine-threshold", options->routine_threshold,
                        "How many sign routine actions (default 1)");
    command->add_option("--amount-limit", options->amount_limit,
                        "Credits above which more must sign (default: no limit)");
    command->add_option("--above-threshold", options->above_threshold,
                        "How many sign above the limit (default: as routine)");
    command->add_option("--policy-threshold", options->policy_threshold,
                        "How many sign changes of the policy (default: as above the limit)");
    command->add_option("--parameter", options->parameters,
                        "A parameter of the ledger otherwise than by default: reveal_seconds=3600");
    command->add_flag("--network", options->network,
                      "One of several authorities that found a ledger together: make this one's "
                      "data folder, node key and founder file");
    command->add_option("--peer,--peer-address", options->peer_address,
                        "With --network: HOST:PORT by which the others' nodes reach this one");
    command->add_option("--founder-file", options->founder_file,
                        "With --network: where the founder file goes (default: HANDLE.founder.json "
                        "in the data folder)");
    command->add_flag("--json", options->as_json, "Say what was made as JSON");
    command->callback([options, &run] { run = [options] { return init(*options); }; });
}

}  // namespace tallystick::node::cli
