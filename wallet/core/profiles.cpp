#include "wallet/core/profiles.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <sstream>

#include "wallet/core/keystore.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::size_t config_bytes_max = 1048576;

struct Field {
    std::string_view name;
    std::string Profile::*member;
};

constexpr std::array<Field, 5> fields{
    Field{"node", &Profile::node}, Field{"account", &Profile::account}, Field{"key", &Profile::key},
    Field{"trust", &Profile::trust}, Field{"ledger", &Profile::ledger}};

Failure<Problem> bad_config(const std::string& what, const toml::source_region& where) {
    return problem(Exit::failed, "bad_config",
                   "config.toml, line " + std::to_string(where.begin.line) + ": " + what +
                       ". Mend the file or use tally profile add.");
}

Try<std::vector<std::string>> read_nodes(const toml::node& node) {
    const auto* list = node.as_array();
    std::vector<std::string> nodes;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i)
        if (const auto url = (*list)[i].value_exact<std::string>()) nodes.push_back(*url);
    if (list == nullptr || nodes.size() != list->size())
        return bad_config("\"nodes\" is a list of texts in quotes", node.source());
    return nodes;
}

Try<Profile> read_profile(const std::string& name, const toml::node& node) {
    const auto* table = node.as_table();
    if (table == nullptr || !is_key_name(name))
        return bad_config("\"" + shown(name) + "\" is not a profile", node.source());
    Profile profile;
    for (const auto& [key, value] : *table) {
        if (key.str() == "nodes") {
            auto nodes = read_nodes(value);
            if (!nodes) return Failure{nodes.error()};
            profile.nodes = std::move(*nodes);
            continue;
        }
        const auto* field =
            std::ranges::find_if(fields, [&](const Field& one) { return one.name == key.str(); });
        if (field == fields.end())
            return bad_config("there is no setting \"" + shown(key.str()) + "\"", value.source());
        const auto text = value.value_exact<std::string>();
        if (!text)
            return bad_config("\"" + std::string{field->name} + "\" is a text in quotes",
                              value.source());
        profile.*(field->member) = *text;
    }
    return profile;
}

}  // namespace

Try<Profiles> parse_profiles(std::string_view text) {
    Profiles profiles;
    try {
        const auto file = toml::parse(text);
        for (const auto& [key, value] : file) {
            if (key.str() == "current" && value.is_string()) {
                profiles.current = *value.value_exact<std::string>();
            } else if (key.str() == "profile" && value.is_table()) {
                for (const auto& [name, node] : *value.as_table()) {
                    auto profile = read_profile(std::string{name.str()}, node);
                    if (!profile) return Failure{profile.error()};
                    profiles.by_name.emplace(std::string{name.str()}, std::move(*profile));
                }
            } else {
                return bad_config("there is no setting \"" + shown(key.str()) + "\"",
                                  value.source());
            }
        }
    } catch (const toml::parse_error& error) {
        return bad_config(shown(error.description()), error.source());
    }
    return profiles;
}

std::string profiles_text(const Profiles& profiles) {
    toml::table all;
    for (const auto& [name, profile] : profiles.by_name) {
        toml::table one;
        for (const auto& field : fields) {
            if (!(profile.*(field.member)).empty()) one.insert(field.name, profile.*(field.member));
        }
        if (!profile.nodes.empty()) {
            toml::array nodes;
            for (const auto& url : profile.nodes) nodes.push_back(url);
            one.insert("nodes", std::move(nodes));
        }
        all.insert(name, std::move(one));
    }
    toml::table file{{"profile", std::move(all)}};
    if (!profiles.current.empty()) file.insert("current", profiles.current);
    std::ostringstream text;
    text << file << "\n";
    return text.str();
}

Try<Profiles> load_profiles(const fs::path& wallet_folder) {
    const auto text = read_file(wallet_folder / "config.toml", config_bytes_max);
    if (!text && text.error().code == "no_such_file") return Profiles{};
    if (!text) return Failure{text.error()};
    return parse_profiles(*text);
}

Try<void> save_profiles(const fs::path& wallet_folder, const Profiles& profiles) {
    if (const auto made = make_private_folder(wallet_folder); !made) return made;
    return write_atomically(wallet_folder / "config.toml", profiles_text(profiles),
                            Access::owner_only);
}

}  // namespace tallystick::wallet
