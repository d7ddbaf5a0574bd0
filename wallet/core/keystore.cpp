#include "wallet/core/keystore.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

using Json = nlohmann::ordered_json;

Failure<Problem> damaged() {
    return problem(
        Exit::locked, "key_file_damaged",
        "The key's file is damaged: a part of it is not what was written. Take it from a "
        "copy, or make the key again from its recovery sheet with tally key recover.");
}

std::string hex(std::string_view raw) {
    return to_hex(bytes_of(raw));
}

std::string header_of(const KeyInfo& info, const PassphraseParameters& parameters) {
    const Json header{{"format", key_format},
                      {"name", info.name},
                      {"public_key", hex(info.public_key.text())},
                      {"kdf", "argon2id"},
                      {"operations", parameters.operations},
                      {"memory_bytes", parameters.memory_bytes},
                      {"salt", hex(parameters.salt)},
                      {"cipher", "xchacha20-poly1305"},
                      {"nonce", hex(parameters.nonce)}};
    return header.dump();
}

std::string check_line(std::string_view two_lines) {
    return hex(sha256(two_lines).text()) + "\n";
}

/// Reads the header's fields; nothing unless they are exactly those that `header_of` writes.
std::optional<SealedKey> read_header(std::string_view line) {
    const auto header = Json::parse(line, nullptr, false);
    if (!header.is_object()) return std::nullopt;
    const auto text = [&](const char* name) {
        const auto found = header.find(name);
        return found != header.end() && found->is_string() ? found->get<std::string>() : "";
    };
    const auto number = [&](const char* name) {
        const auto found = header.find(name);
        return found != header.end() && found->is_number_unsigned() ? found->get<std::uint64_t>()
                                                                    : 0;
    };
    SealedKey key;
    const auto public_key = PublicKey::from(from_hex(text("public_key")).value_or(""));
    if (!public_key) return std::nullopt;
    key.info = {text("name"), *public_key};
    key.parameters = {number("operations"), number("memory_bytes"),
                      from_hex(text("salt")).value_or(""), from_hex(text("nonce")).value_or("")};
    if (!is_key_name(key.info.name) || key.parameters.salt.size() != 16 ||
        key.parameters.nonce.size() != 24 || header_of(key.info, key.parameters) != line) {
        return std::nullopt;
    }
    key.header = line;
    return key;
}

}  // namespace

bool is_key_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= 40 && name.front() != '-' && name.back() != '-' &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

Try<std::string> seal_key(const SigningKey& key, std::string_view name,
                          const SecretBytes& passphrase, const PassphraseParameters& parameters) {
    if (!is_key_name(name))
        return problem(Exit::usage, "bad_key_name",
                       "A key's name has 1 to 40 lower-case letters, digits and -.");
    const auto header = header_of({std::string{name}, key.public_key()}, parameters);
    const auto seed = key.seed();
    const auto sealed = seal_with_passphrase(seed.view(), header, passphrase.view(), parameters);
    if (sealed.empty())
        return problem(Exit::failed, "no_memory",
                       "There is not enough free memory to seal a key. Close other programs.");
    const auto two_lines = header + "\n" + hex(sealed) + "\n";
    return two_lines + check_line(two_lines);
}

Try<SealedKey> parse_key_file(std::string_view content) {
    const auto first = content.find('\n');
    const auto second = first == std::string_view::npos ? first : content.find('\n', first + 1);
    if (second == std::string_view::npos) {
        if (content.find(key_format) != std::string_view::npos) return damaged();
        return problem(Exit::failed, "not_a_key_file", "This is not a key's file.");
    }
    const auto sealed_line = content.substr(first + 1, second - first - 1);
    const auto sealed = from_hex(sealed_line);
    if (content.substr(second + 1) != check_line(content.substr(0, second + 1)) || !sealed ||
        hex(*sealed) != sealed_line) {
        return damaged();
    }
    auto key = read_header(content.substr(0, first));
    if (!key)
        return problem(Exit::failed, "not_a_key_file",
                       "This key's file is of another format than " + std::string{key_format} +
                           ": it needs another version of tally.");
    key->sealed = *sealed;
    return std::move(*key);
}

Try<SigningKey> open_key(const SealedKey& sealed, const SecretBytes& passphrase) {
    const auto seed =
        open_with_passphrase(sealed.sealed, sealed.header, passphrase.view(), sealed.parameters);
    if (!seed || seed->size() != SigningKey::seed_bytes)
        return problem(Exit::locked, "wrong_passphrase",
                       "The passphrase does not open the key " + sealed.info.name +
                           ". Try again; the recovery sheet makes the key again with a new one.");
    auto key = SigningKey::from_seed(seed->view());
    // A header that names another public key than the seed's would have us vouch for a stranger.
    if (key.public_key() != sealed.info.public_key) return damaged();
    return key;
}

Try<void> Keystore::add(std::string_view name, std::string_view content) const {
    if (const auto made = make_private_folder(folder_); !made) return made;
    return write_new_file(path_of(name), content, Access::owner_only);
}

Try<SealedKey> Keystore::find(std::string_view name) const {
    if (!is_key_name(name))
        return problem(Exit::usage, "bad_key_name",
                       "A key's name has 1 to 40 lower-case letters, digits and -.");
    const auto path = path_of(name);
    const auto content = read_file(path, key_file_bytes_max);
    if (!content && content.error().code == "no_such_file")
        return problem(Exit::locked, "no_such_key",
                       "There is no key " + std::string{name} +
                           " in this wallet. tally key list shows those that are.");
    if (!content) return Failure{content.error()};
    if (const auto checked = check_private(path); !checked) return Failure{checked.error()};
    auto key = parse_key_file(*content);
    if (key && key->info.name != name) return damaged();
    return key;
}

std::vector<std::string> Keystore::names() const {
    return names_in(folder_, ".key");
}

fs::path Keystore::path_of(std::string_view name) const {
    return folder_ / (std::string{name} + ".key");
}

}  // namespace tallystick::wallet
