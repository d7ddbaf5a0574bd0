#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "node/cli/command.hpp"
#include "node/data_folder.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::node::cli {
namespace {

struct ProveOptions {
    std::string data;
    std::vector<std::string> proofs;
};

constexpr std::size_t proof_bytes_max = 65536;

/// {"public_key", "signature"} in hexadecimal, or a list of such.
Result<std::vector<pb::KeyProof>, std::string> read_proofs(const std::string& path) {
    const auto text = read_file(path, proof_bytes_max);
    if (!text) return Failure{text.error().sentence};
    const auto parsed = nlohmann::json::parse(*text, nullptr, false);
    const auto list = parsed.is_array() ? parsed : nlohmann::json::array({parsed});
    std::vector<pb::KeyProof> proofs;
    for (const auto& item : list) {
        const auto text_of = [&](const char* name) {
            return item.is_object() && item.contains(name) && item[name].is_string()
                       ? from_hex(item[name].get<std::string>())
                       : std::nullopt;
        };
        const auto key = text_of("public_key");
        const auto signature = text_of("signature");
        if (!key || !signature)
            return Failure{path + " is not a key's proof: it needs public_key and signature."};
        pb::KeyProof proof;
        proof.set_public_key(*key);
        proof.set_signature(*signature);
        proofs.push_back(std::move(proof));
    }
    return proofs;
}

/// Puts a proof where its key stands in the policy. A sentence if it proves nothing here.
std::optional<std::string> take(const pb::KeyProof& proof, LoadedGenesis& loaded) {
    for (int a = 0; a < loaded.genesis.authorities_size(); ++a) {
        const auto& authority = loaded.genesis.authorities(a);
        const auto& keys = authority.policy().keys();
        if (std::find(keys.begin(), keys.end(), proof.public_key()) == keys.end()) continue;
        if (!verify_key_proof(proof, loaded.ledger_id, authority.handle()))
            return "The proof of key " + to_hex(bytes_of(proof.public_key())) +
                   " is not for this ledger and account: make it with --ledger " +
                   to_hex(loaded.ledger_id.view()) + " --account " + authority.handle() + ".";
        while (loaded.file.proofs_size() <= a) loaded.file.add_proofs();
        pb::GenesisProofs in_order;
        for (const auto& key : keys) {
            if (key == proof.public_key()) {
                *in_order.add_proofs() = proof;
                continue;
            }
            for (const auto& known : loaded.file.proofs(a).proofs())
                if (known.public_key() == key) *in_order.add_proofs() = known;
        }
        *loaded.file.mutable_proofs(a) = std::move(in_order);
        return std::nullopt;
    }
    return "The key " + to_hex(bytes_of(proof.public_key())) + " is not a signer of this ledger.";
}

Exit prove(const ProveOptions& options) {
    const DataFolder folder{options.data};
    if (const auto checked = check_data_folder(folder); !checked)
        return fail(checked.error().sentence);
    auto loaded = load_genesis(folder);
    if (!loaded) return fail(loaded.error().sentence);
    for (const auto& path : options.proofs) {
        const auto proofs = read_proofs(path);
        if (!proofs) return fail(proofs.error());
        for (const auto& proof : *proofs)
            if (const auto problem = take(proof, *loaded)) return fail(*problem);
    }
    if (const auto saved = save_genesis(folder, loaded->file); !saved)
        return fail(saved.error().sentence);
    const auto missing = missing_proofs(*loaded);
    for (const auto& key : missing)
        std::cerr << "Still missing: the proof of key " << to_hex(bytes_of(key.public_key))
                  << " of " << key.account << ".\n";
    if (!missing.empty()) return Exit::done;
    if (const auto made = ensure_ledger(folder, *loaded); !made) return fail(made.error().sentence);
    std::cerr << "Every key has proved itself. Start the node: tallyd serve --data " << options.data
              << '\n';
    return Exit::done;
}

}  // namespace

void add_genesis(CLI::App& app, Run& run) {
    auto* group = app.add_subcommand("genesis", "The beginning of a ledger");
    group->require_subcommand(1);
    const auto options = std::make_shared<ProveOptions>();
    auto* command = group->add_subcommand("prove", "Take in the proofs of the signers' keys");
    command->add_option("--data", options->data, "Data folder")->required();
    command->add_option("--proof", options->proofs, "File that `tally key proof` wrote")
        ->required();
    command->callback([options, &run] { run = [options] { return prove(*options); }; });
}

}  // namespace tallystick::node::cli
