#include "node/engine/cometbft/signer_file.hpp"

#include <sys/stat.h>

namespace tallystick::node {
namespace {

constexpr std::size_t file_bytes_max = 4096;

std::filesystem::path signer_in(const std::filesystem::path& folder) {
    return folder / "signer";
}

std::string machine_id() {
    const auto id = read_file("/etc/machine-id", file_bytes_max);
    return id ? id->substr(0, id->find('\n')) : "";
}

/// Of the folder itself, not of a file in it: files are replaced, the folder stays.
std::string place_of(const std::filesystem::path& folder) {
    struct stat about {};
    if (::stat(folder.c_str(), &about) != 0) return "nowhere";
    return std::to_string(about.st_ino) + "@" + machine_id();
}

}  // namespace

Result<void, FileError> write_signer(const std::filesystem::path& folder,
                                     const std::string& own_id) {
    return write_file_atomically(signer_in(folder), own_id + "\n" + place_of(folder) + "\n",
                                 FileMode::owner_only);
}

bool is_signer(const std::filesystem::path& folder, const std::string& own_id) {
    std::error_code ignored;
    if (!std::filesystem::exists(signer_in(folder), ignored)) return true;
    const auto signer = read_file(signer_in(folder), file_bytes_max);
    return signer && signer->starts_with(own_id + "\n");
}

std::optional<std::string> signer_fault(const std::filesystem::path& folder,
                                        const std::string& own_id,
                                        const std::filesystem::path& data) {
    std::error_code ignored;
    if (!std::filesystem::exists(signer_in(folder), ignored)) return std::nullopt;
    const auto signer = read_file(signer_in(folder), file_bytes_max);
    if (!signer) return signer.error().sentence;
    const auto rejoin = "tallyd rejoin --data " + data.string();
    if (!is_signer(folder, own_id))
        return "This folder was made for another key than the one in it, and does not know what "
               "this one has signed: a height signed twice is evidence against the authority. "
               "Run: " +
               rejoin +
               " --highest-height HEIGHT, with the newest block that any other node shows, plus "
               "one.";
    const auto place = signer->substr(own_id.size() + 1);
    if (place.empty() || place == place_of(folder) + "\n") return std::nullopt;
    return "This folder is a copy, or was brought here from another disk or machine. Where the "
           "original still runs, both would sign with one key, and that is evidence against the "
           "authority. See to it that the original never runs again, and that this copy was made "
           "after it was stopped. Then run: " +
           rejoin + " --moved";
}

}  // namespace tallystick::node
