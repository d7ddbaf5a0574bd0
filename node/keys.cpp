#include "node/keys.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace tallystick::node {
namespace {

constexpr std::string_view magic = "tallystick node key 1\n";

Failure<FileError> refuse(std::string sentence) {
    return Failure{FileError{std::move(sentence)}};
}

/// Overwrites a secret in a way that the compiler may not leave out.
void wipe(std::string& secret) {
    volatile char* bytes = secret.data();
    for (std::size_t i = 0; i < secret.size(); ++i) bytes[i] = 0;
}

}  // namespace

Result<SigningKey, FileError> create_node_key(const std::filesystem::path& file) {
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored))
        return refuse(file.string() + " is there already; a node's key is never replaced.");
    auto key = SigningKey::generate();
    if (const auto written = write_node_key(file, key); !written) return Failure{written.error()};
    return key;
}

Result<void, FileError> write_node_key(const std::filesystem::path& file, const SigningKey& key) {
    std::string content{magic};
    content += to_hex(key.seed().view());
    content += '\n';
    const auto written = write_file_atomically(file, content, FileMode::owner_only);
    wipe(content);
    return written;
}

Result<SigningKey, FileError> read_node_key(const std::filesystem::path& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0)
        return refuse("The node's signing key is not at " + file.string() +
                      ". A restored node needs the key put back there, with mode 0600.");
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return refuse("Others than its owner may open " + file.string() + ". Run: chmod 600 " +
                      file.string());
    auto content = read_file(file, 1024);
    if (!content) return Failure{content.error()};
    std::string_view text{*content};
    if (text.starts_with(magic)) text.remove_prefix(magic.size());
    if (text.ends_with('\n')) text.remove_suffix(1);
    auto seed = from_hex(text);
    const bool form = content->starts_with(magic) && seed && seed->size() == SigningKey::seed_bytes;
    wipe(*content);
    if (!form) {
        if (seed) wipe(*seed);
        return refuse(file.string() + " is not a node key of this version of Tallystick.");
    }
    auto key = SigningKey::from_seed(bytes_of(*seed));
    wipe(*seed);
    return key;
}

std::filesystem::path node_key_file(const std::filesystem::path& data) {
    if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY")) {
        auto file = std::filesystem::path{credentials} / "tallystick-node-key";
        std::error_code ignored;
        if (std::filesystem::exists(file, ignored)) return file;
    }
    return data / "node.key";
}

}  // namespace tallystick::node
