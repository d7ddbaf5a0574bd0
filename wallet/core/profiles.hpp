#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "wallet/core/files.hpp"
#include "wallet/core/problem.hpp"

/// Who the wallet acts as, and where: `config.toml` in the wallet's folder.
///
///     current = "befriending"
///     [profile.befriending]
///     node = "http://127.0.0.1:8080"
///     nodes = ["https://node.example"]
///     account = "suffolk/befriending-scheme"
///     key = "my-key"
///     trust = "/home/me/trust.json"
///     ledger = "64 hexadecimal digits"
namespace tallystick::wallet {

struct Profile {
    std::string node;     ///< URL of a node
    std::string account;  ///< handle; empty for one who only looks
    std::string key;      ///< name in the keystore; empty likewise
    std::string trust;    ///< path of a trust file; empty: nothing can be proved
    std::string ledger;   ///< id, 64 hexadecimal digits; empty until known
    /// URLs of other authorities' nodes, asked where the first does not answer, is behind or lies.
    std::vector<std::string> nodes = {};
};

struct Profiles {
    std::string current;
    std::map<std::string, Profile> by_name;
};

/// Reads the profiles' file. Refuses what is no TOML, unknown keys, and values of another kind
/// (`bad_config`), each with its place.
[[nodiscard]] Try<Profiles> parse_profiles(std::string_view toml);

/// The file's text; `parse_profiles` reads it back to the same.
[[nodiscard]] std::string profiles_text(const Profiles& profiles);

/// The profiles of a wallet's folder; none if it has no file.
[[nodiscard]] Try<Profiles> load_profiles(const fs::path& wallet_folder);

[[nodiscard]] Try<void> save_profiles(const fs::path& wallet_folder, const Profiles& profiles);

}  // namespace tallystick::wallet
