#include "node/config/toml_file.hpp"

#include <algorithm>

#define TOML_EXCEPTIONS 0
// toml++ 3.3 asserts what a file may well break ("[[[x" trips it); without the assertion it says so
// as an error, as it does in release builds.
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

namespace tallystick::node {

namespace {

std::optional<RawValue> raw_value(const toml::node& node) {
    if (const auto* text = node.as_string()) return RawValue{text->get()};
    if (const auto* number = node.as_integer()) return RawValue{number->get()};
    if (const auto* flag = node.as_boolean()) return RawValue{flag->get()};
    const auto* array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& element : *array) {
        const auto* text = element.as_string();
        if (text == nullptr) return std::nullopt;
        texts.push_back(text->get());
    }
    return RawValue{texts};
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<TomlEntry>& into) {
    for (const auto& [key, node] : table) {
        const std::string full = prefix + std::string{key.str()};
        if (const auto* inner = node.as_table())
            flatten(*inner, full + '.', into);
        else
            into.push_back({full, key.source().begin.line, raw_value(node)});
    }
}

}  // namespace

Result<std::vector<TomlEntry>, TomlError> read_toml(std::string_view text) {
    const auto parsed = toml::parse(text);
    if (!parsed)
        return Failure{TomlError{parsed.error().source().begin.line,
                                 std::string{parsed.error().description()}}};
    std::vector<TomlEntry> entries;
    flatten(parsed.table(), "", entries);
    std::ranges::stable_sort(entries, {}, &TomlEntry::line);
    return entries;
}

}  // namespace tallystick::node
