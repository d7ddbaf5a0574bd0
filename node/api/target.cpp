#include "node/api/target.hpp"

#include <algorithm>

namespace tallystick::node::api {

namespace {

constexpr std::size_t query_parameters_max = 64;

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Calls `visit` with each part of `text` between separators.
template <class Visit>
void for_each_part(std::string_view text, char separator, Visit visit) {
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find(separator, at), text.size());
        visit(text.substr(at, end - at));
        at = end + 1;
    }
}

/// The media range of one element of Accept; nothing if its weight is 0.
std::optional<std::string> range_of(std::string_view element) {
    bool refused = false;
    for_each_part(element, ';', [&](std::string_view parameter) {
        parameter = trimmed(parameter);
        if (parameter == "q=0" || parameter == "q=0.0" || parameter == "q=0.00" ||
            parameter == "q=0.000")
            refused = true;
    });
    if (refused) return std::nullopt;
    return media_type(element);
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            decoded.push_back(' ');
        } else if (text[i] != '%') {
            decoded.push_back(text[i]);
        } else {
            if (text.size() - i < 3) return std::nullopt;
            const auto high = hex_digit(text[i + 1]);
            const auto low = hex_digit(text[i + 2]);
            if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
            decoded.push_back(static_cast<char>(*high << 4 | *low));
            i += 2;
        }
    }
    return decoded;
}

Target split_target(std::string_view target) noexcept {
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return {target, {}};
    return {target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::vector<std::string_view>> path_segments(std::string_view path) {
    if (!path.starts_with('/')) return std::nullopt;
    std::vector<std::string_view> segments;
    for_each_part(path.substr(1), '/', [&](std::string_view part) { segments.push_back(part); });
    return segments;
}

std::optional<Query> parse_query(std::string_view query) {
    Query parsed;
    bool broken = false;
    for_each_part(query, '&', [&](std::string_view part) {
        if (part.empty() || broken) return;
        const auto equals = std::min(part.find('='), part.size());
        auto name = percent_decode(part.substr(0, equals), true);
        auto value = percent_decode(
            equals < part.size() ? part.substr(equals + 1) : std::string_view{}, true);
        if (!name || !value || parsed.size() == query_parameters_max)
            broken = true;
        else
            parsed.emplace_back(std::move(*name), std::move(*value));
    });
    if (broken) return std::nullopt;
    return parsed;
}

std::string media_type(std::string_view content_type) {
    std::string type{trimmed(content_type.substr(0, content_type.find(';')))};
    std::ranges::transform(type, type.begin(), lower);
    return type;
}

bool accepts(std::string_view accept, std::string_view type) {
    if (trimmed(accept).empty()) return true;
    const auto group = std::string{type.substr(0, type.find('/'))} + "/*";
    bool found = false;
    for_each_part(accept, ',', [&](std::string_view element) {
        const auto range = range_of(element);
        if (range && (*range == type || *range == group || *range == "*/*")) found = true;
    });
    return found;
}

bool names(std::string_view accept, std::string_view type) {
    bool found = false;
    for_each_part(accept, ',', [&](std::string_view element) {
        const auto range = range_of(element);
        if (range && *range == type) found = true;
    });
    return found;
}

}  // namespace tallystick::node::api
