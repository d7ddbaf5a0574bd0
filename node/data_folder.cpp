#include "node/data_folder.hpp"

#include <system_error>
#include <utility>

#include "ledger/store/store.hpp"
#include "protocol/canonical.hpp"
#include "protocol/crypto.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::node {
namespace {

constexpr std::string_view format_mark = "tallystick data 1\n";
constexpr std::string_view format_prefix = "tallystick data ";
constexpr std::size_t genesis_bytes_max = 16777216;

Failure<FileError> refuse(std::string sentence) {
    return Failure{FileError{std::move(sentence)}};
}

}  // namespace

Result<void, FileError> create_data_folder(const DataFolder& folder) {
    std::error_code error;
    if (std::filesystem::exists(folder.root, error) &&
        !std::filesystem::is_empty(folder.root, error))
        return refuse(folder.root.string() + " holds something already; name a new folder.");
    for (const auto& path : {folder.root, folder.run()}) {
        std::filesystem::create_directories(path, error);
        if (error)
            return refuse("Could not make the folder " + path.string() + ": " + error.message() +
                          ".");
    }
    // Only the node's own user has business here: the key lies inside.
    // Its sockets too: a folder that is copied may lose the outer one's mode.
    for (const auto& path : {folder.root, folder.run()}) {
        std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
        if (error)
            return refuse("Could not protect " + path.string() + ": " + error.message() + ".");
    }
    return write_file_atomically(folder.format(), format_mark, FileMode::everyone_reads);
}

Result<void, FileError> check_data_folder(const DataFolder& folder) {
    const auto mark = read_file(folder.format(), 256);
    if (!mark)
        return refuse(folder.root.string() +
                      " is not a Tallystick data folder. Make one with: tallyd init --data " +
                      folder.root.string() + " …");
    if (*mark == format_mark) return {};
    if (mark->starts_with(format_prefix))
        return refuse(folder.root.string() +
                      " was written by a newer version of Tallystick. Start it with that version.");
    return refuse(folder.format().string() +
                  " is damaged: it does not say which version wrote the folder.");
}

Result<LoadedGenesis, FileError> load_genesis(const DataFolder& folder) {
    const auto bytes = read_file(folder.genesis(), genesis_bytes_max);
    if (!bytes) return Failure{bytes.error()};
    auto file = decode_canonical_as<pb::GenesisFile>(*bytes);
    if (!file) return refuse(folder.genesis().string() + " is damaged: it is not a genesis file.");
    return loaded_genesis_from(std::move(*file));
}

Result<LoadedGenesis, FileError> loaded_genesis_from(pb::GenesisFile file) {
    auto genesis = decode_canonical_as<pb::Genesis>(file.genesis());
    if (!genesis) return refuse("The genesis is damaged: its bytes are not canonical.");
    const auto id = sha256(std::string_view{file.genesis()});
    LoadedGenesis loaded;
    loaded.ledger_id = LedgerId{id.bytes};
    loaded.chain_id = genesis->name() + "-1";
    loaded.genesis = std::move(*genesis);
    loaded.file = std::move(file);
    return loaded;
}

Result<void, FileError> save_genesis(const DataFolder& folder, const pb::GenesisFile& file) {
    return write_file_atomically(folder.genesis(), canonical_bytes(file), FileMode::everyone_reads);
}

std::vector<MissingProof> missing_proofs(const LoadedGenesis& genesis) {
    std::vector<MissingProof> missing;
    for (int a = 0; a < genesis.genesis.authorities_size(); ++a) {
        const auto& authority = genesis.genesis.authorities(a);
        const auto* proofs = a < genesis.file.proofs_size() ? &genesis.file.proofs(a) : nullptr;
        for (const auto& key : authority.policy().keys()) {
            bool proved = false;
            for (int p = 0; proofs && p < proofs->proofs_size(); ++p)
                proved = proved || (proofs->proofs(p).public_key() == key &&
                                    verify_key_proof(proofs->proofs(p), genesis.ledger_id,
                                                     authority.handle()));
            if (!proved) missing.push_back({authority.handle(), key});
        }
    }
    return missing;
}

Result<void, FileError> check_founders(const DataFolder& folder, const LoadedGenesis& genesis) {
    const auto missing = missing_proofs(genesis);
    if (missing.empty()) return {};
    return refuse("The ledger cannot start yet: " + std::to_string(missing.size()) +
                  " of its signers' keys has not proved itself, the first of them " +
                  to_hex(bytes_of(missing.front().public_key)) + " of " + missing.front().account +
                  ". Its owner runs: tally key proof --ledger " + to_hex(genesis.ledger_id.view()) +
                  " --account " + missing.front().account +
                  " > proof.json; then run: tallyd genesis prove --data " + folder.root.string() +
                  " --proof proof.json");
}

Result<void, FileError> ensure_ledger(const DataFolder& folder, const LoadedGenesis& genesis) {
    if (const auto checked = check_founders(folder, genesis); !checked) return checked;
    std::error_code error;
    if (std::filesystem::exists(folder.ledger(), error)) return {};
    // Made under another name first: a crash must not leave half a ledger that looks whole.
    auto making = folder.ledger();
    making += ".new";
    std::filesystem::remove_all(making, error);
    const auto made = ledger::Store::create(making, genesis.file, genesis.chain_id);
    if (!made) return refuse(made.error().what);
    std::filesystem::rename(making, folder.ledger(), error);
    if (error)
        return refuse("Could not put " + folder.ledger().string() +
                      " in place: " + error.message() + ".");
    return sync_folder(folder.root);
}

}  // namespace tallystick::node
