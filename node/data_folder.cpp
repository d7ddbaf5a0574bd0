#include "node/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

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
    for (const auto& path :
         {folder.root, folder.chain(), folder.state(), folder.copies(), folder.run()}) {
        std::filesystem::create_directories(path, error);
        if (error)
            return refuse("Could not make the folder " + path.string() + ": " + error.message() +
                          ".");
    }
    // Only the node's own user has business here: the key lies inside.
    std::filesystem::permissions(folder.root, std::filesystem::perms::owner_all, error);
    if (error)
        return refuse("Could not protect " + folder.root.string() + ": " + error.message() + ".");
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

Result<std::optional<std::uint64_t>, FileError> read_hold(const DataFolder& folder) {
    std::error_code ignored;
    if (!std::filesystem::exists(folder.hold(), ignored)) return std::optional<std::uint64_t>{};
    const auto text = read_file(folder.hold(), 64);
    if (!text) return Failure{text.error()};
    std::uint64_t height = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), height);
    if (error != std::errc{} || end == text->data() + text->size() || *end != '\n')
        return refuse(folder.hold().string() +
                      " is damaged: it does not say up to which height this folder was restored.");
    return std::optional{height};
}

Result<FolderLock, FileError> FolderLock::take(const DataFolder& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder.run(), error);
    const auto path = folder.run() / "lock";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return refuse("Could not open " + path.string() + ": " +
                      std::generic_category().message(errno) + ".");
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd);
        return refuse("The data folder " + folder.root.string() +
                      " is in use by another tallyd. Stop that one first.");
    }
    return FolderLock{fd};
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

FolderLock::~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace tallystick::node
