#include "node/config/load.hpp"

#include <unistd.h>

#include "node/config/settings.hpp"
#include "node/config/toml_file.hpp"
#include "node/files.hpp"

namespace tallystick::node {

namespace {

constexpr std::size_t config_bytes_max = 1048576;
constexpr std::string_view file_variable = "TALLYD_CONFIG";

class Loader {
  public:
    Loader() {
        for (const auto& setting : settings())
            loaded_.sources.emplace(setting.key, ConfigSource::built_in);
    }

    void read_file(const std::filesystem::path& path) {
        loaded_.file = path;
        const auto text = node::read_file(path, config_bytes_max);
        if (!text) return fail(text.error().sentence);
        const auto entries = read_toml(*text);
        if (!entries)
            return fail(place(path, entries.error().line) +
                        "this is not TOML: " + entries.error().sentence);
        for (const auto& entry : *entries) take_entry(path, entry);
    }

    void read_environment(const std::map<std::string, std::string>& environment) {
        std::map<std::string, const Setting*> by_name;
        for (const auto& setting : settings()) by_name.emplace(environment_name(setting), &setting);
        for (const auto& [name, value] : environment) {
            if (name == file_variable) continue;
            const auto found = by_name.find(name);
            if (found == by_name.end()) {
                fail("environment: " + name + " sets nothing" + suggest_variable(name) +
                     "; unset it or correct its name");
                continue;
            }
            take_text(*found->second, value, ConfigSource::environment, "environment: " + name);
        }
    }

    void read_flags(const std::vector<std::pair<std::string, std::string>>& flags) {
        for (const auto& [key, value] : flags) {
            const auto* setting = setting_of(key);
            if (setting == nullptr)
                fail("flags: there is no setting \"" + key + '"' + suggest(key));
            else
                take_text(*setting, value, ConfigSource::flag, "flags: " + key);
        }
    }

    Result<LoadedConfig, std::vector<ConfigError>> finish() && {
        if (!errors_.empty()) return Failure{std::move(errors_)};
        return std::move(loaded_);
    }

  private:
    static std::string place(const std::filesystem::path& path, std::uint32_t line) {
        return path.string() + ':' + std::to_string(line) + ": ";
    }

    static std::string suggest(std::string_view key) {
        const auto nearest = nearest_key(key);
        return nearest ? "; did you mean \"" + std::string{*nearest} + "\"?" : "";
    }

    static std::string suggest_variable(const std::string& name) {
        std::string key;  // TALLYD_API_LISTEN: the first _ after the prefix separates the table
        for (const char c : name.substr(std::string_view{"TALLYD_"}.size()))
            key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        if (const auto underscore = key.find('_'); underscore != std::string::npos)
            key[underscore] = '.';
        const auto nearest = nearest_key(key);
        if (!nearest) return "";
        return " (did you mean " + environment_name(*setting_of(*nearest)) + "?)";
    }

    void take_entry(const std::filesystem::path& path, const TomlEntry& entry) {
        const auto* setting = setting_of(entry.key);
        if (setting == nullptr)
            return fail(place(path, entry.line) + "there is no setting \"" + entry.key + '"' +
                        suggest(entry.key));
        const auto assigned =
            entry.value ? assign(*setting, *entry.value, loaded_.config)
                        : Result<void, std::string>{
                              Failure{std::string{"a text, a whole number or a list of texts"}}};
        if (!assigned)
            return fail(place(path, entry.line) + entry.key + " must be " + assigned.error());
        mark(*setting, ConfigSource::file);
    }

    void take_text(const Setting& setting, const std::string& text, ConfigSource source,
                   const std::string& where) {
        const auto assigned = assign_text(setting, text, loaded_.config);
        if (!assigned) return fail(where + " must be " + assigned.error());
        mark(setting, source);
    }

    void mark(const Setting& setting, ConfigSource source) {
        loaded_.sources.insert_or_assign(std::string{setting.key}, source);
    }

    void fail(std::string sentence) { errors_.push_back({std::move(sentence)}); }

    LoadedConfig loaded_;
    std::vector<ConfigError> errors_;
};

std::string source_text(ConfigSource source, const Setting& setting) {
    switch (source) {
        case ConfigSource::built_in: return "default";
        case ConfigSource::file: return "file";
        case ConfigSource::environment: return "environment, " + environment_name(setting);
        case ConfigSource::flag: return "flag";
    }
    return "";
}

}  // namespace

std::map<std::string, std::string> tallyd_environment() {
    std::map<std::string, std::string> found;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view text{*variable};
        const auto equals = text.find('=');
        if (!text.starts_with("TALLYD_") || equals == std::string_view::npos) continue;
        found.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return found;
}

Result<LoadedConfig, std::vector<ConfigError>> load_config(const ConfigInput& input) {
    Loader loader;
    auto file = input.file;
    if (!file)
        if (const auto named = input.environment.find(std::string{file_variable});
            named != input.environment.end())
            file = named->second;
    if (file) loader.read_file(*file);
    loader.read_environment(input.environment);
    loader.read_flags(input.flags);
    return std::move(loader).finish();
}

std::string effective_config(const LoadedConfig& loaded) {
    std::string text;
    std::string_view table;
    for (const auto& setting : settings()) {
        const auto dot = setting.key.find('.');
        const auto name = dot == std::string_view::npos ? setting.key : setting.key.substr(dot + 1);
        const auto its_table = dot == std::string_view::npos ? "" : setting.key.substr(0, dot);
        if (its_table != table) text += "\n[" + std::string{its_table} + "]\n";
        table = its_table;
        text += std::string{name} + " = " + value_text(setting, loaded.config) + "  # " +
                source_text(loaded.sources.find(setting.key)->second, setting) + '\n';
    }
    return text;
}

}  // namespace tallystick::node
