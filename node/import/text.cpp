#include "node/import/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

namespace tallystick::import {

namespace {

/// Windows-1252 from 0x80 to 0x9f; 0 where it has no character.
constexpr std::array<std::int32_t, 32> windows_1252{
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

constexpr std::int32_t replacement_character = 0xfffd;

void append_code_point(std::string& out, std::int32_t code_point) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto size = utf8proc_encode_char(code_point, bytes.data());
    for (utf8proc_ssize_t i = 0; i < size; ++i) {
        out.push_back(static_cast<char>(bytes[static_cast<std::size_t>(i)]));
    }
}

/// The next code point of valid or invalid UTF-8; `at` moves past it. Nothing for an invalid byte.
std::optional<std::int32_t> next_code_point(std::string_view text, std::size_t& at) {
    utf8proc_int32_t code_point = -1;
    const auto used =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                         static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
    if (used <= 0) return std::nullopt;
    at += static_cast<std::size_t>(used);
    return code_point;
}

std::int32_t from_windows_1252(std::uint8_t byte) {
    if (byte < 0x80 || byte > 0x9f) return byte;
    const auto mapped = windows_1252[byte - 0x80U];
    return mapped == 0 ? replacement_character : mapped;
}

/// The byte that Windows-1252 would write for a code point; nothing if it has none.
std::optional<std::uint8_t> to_windows_1252(std::int32_t code_point) {
    if (code_point < 0x80 || (code_point > 0x9f && code_point <= 0xff)) {
        return static_cast<std::uint8_t>(code_point);
    }
    const auto found = std::ranges::find(windows_1252, code_point);
    if (found != windows_1252.end()) {
        return static_cast<std::uint8_t>(0x80 + (found - windows_1252.begin()));
    }
    // The five bytes without a character pass through as controls in many decoders.
    if (code_point >= 0x80 && code_point <= 0x9f) return static_cast<std::uint8_t>(code_point);
    return std::nullopt;
}

/// Reads text back whose UTF-8 bytes were once taken for Windows-1252. Nothing if it was not.
std::optional<std::string> undo_mojibake(std::string_view text) {
    std::string bytes;
    bool beyond_ascii = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto code_point = next_code_point(text, at);
        if (!code_point) return std::nullopt;
        const auto byte = to_windows_1252(*code_point);
        if (!byte) return std::nullopt;
        beyond_ascii = beyond_ascii || *byte >= 0x80;
        bytes.push_back(static_cast<char>(*byte));
    }
    if (!beyond_ascii || !is_utf8(bytes)) return std::nullopt;
    return bytes;
}

std::optional<std::int32_t> entity(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::int32_t>, 7> named{{{"amp", '&'},
                                                                              {"lt", '<'},
                                                                              {"gt", '>'},
                                                                              {"quot", '"'},
                                                                              {"apos", '\''},
                                                                              {"nbsp", ' '},
                                                                              {"pound", 0xa3}}};
    for (const auto& [known, code_point] : named) {
        if (name == known) return code_point;
    }
    if (name.size() < 2 || name[0] != '#') return std::nullopt;
    const bool hex = name[1] == 'x' || name[1] == 'X';
    const auto digits = name.substr(hex ? 2 : 1);
    std::int32_t code_point = 0;
    const auto read =
        std::from_chars(digits.data(), digits.data() + digits.size(), code_point, hex ? 16 : 10);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
    if (!utf8proc_codepoint_valid(code_point)) return std::nullopt;
    return code_point;
}

std::string resolve_entities(std::string_view text) {
    constexpr std::size_t entity_bytes_max = 10;
    // Looked for no further than an entity reaches, else a text of nothing but & would be read to
    // its end at each of them.
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '&') {
            const auto ahead = text.substr(at + 1, entity_bytes_max);
            const auto size = ahead.find(';');
            if (size != std::string_view::npos) {
                if (const auto code_point = entity(ahead.substr(0, size))) {
                    append_code_point(out, *code_point);
                    at += size + 1;
                    continue;
                }
            }
        }
        out.push_back(text[at]);
    }
    return out;
}

std::string map_utf8(std::string_view text, int options) {
    utf8proc_uint8_t* mapped = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                   static_cast<utf8proc_option_t>(options));
    if (size < 0) return std::string{text};
    std::string out{reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)};
    std::free(mapped);
    return out;
}

bool is_space_or_control(std::int32_t code_point) {
    // Formats (CF) are invisible too, among them the marks that reverse the direction of text.
    constexpr std::array categories{UTF8PROC_CATEGORY_CC, UTF8PROC_CATEGORY_CF,
                                    UTF8PROC_CATEGORY_ZL, UTF8PROC_CATEGORY_ZP,
                                    UTF8PROC_CATEGORY_ZS};
    return std::ranges::find(categories, utf8proc_category(code_point)) != categories.end();
}

std::string collapse_spaces(std::string_view text) {
    std::string out;
    bool pending = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto code_point = next_code_point(text, at);
        if (!code_point) {
            ++at;
            continue;
        }
        if (is_space_or_control(*code_point)) {
            pending = !out.empty();
            continue;
        }
        if (pending) out.push_back(' ');
        pending = false;
        append_code_point(out, *code_point);
    }
    return out;
}

}  // namespace

bool is_utf8(std::string_view bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size();) {
        if (static_cast<std::uint8_t>(bytes[at]) < 0x80) {
            ++at;
        } else if (!next_code_point(bytes, at)) {
            return false;
        }
    }
    return true;
}

DecodedFile decode_file(std::string_view bytes) {
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    if (is_utf8(bytes)) return {std::string{bytes}, false};
    DecodedFile decoded{{}, true};
    decoded.text.reserve(bytes.size() + bytes.size() / 8);
    for (const char c : bytes) {
        append_code_point(decoded.text, from_windows_1252(static_cast<std::uint8_t>(c)));
    }
    return decoded;
}

std::string clean_line(std::string_view text) {
    auto resolved = resolve_entities(text);
    if (auto undone = undo_mojibake(resolved)) resolved = std::move(*undone);
    return collapse_spaces(map_utf8(resolved, UTF8PROC_STABLE | UTF8PROC_COMPOSE));
}

bool says_nobody(std::string_view clean) {
    constexpr std::array<std::string_view, 24> nobody{"",
                                                      "-",
                                                      "--",
                                                      ".",
                                                      "?",
                                                      "n/a",
                                                      "na",
                                                      "n.a.",
                                                      "nil",
                                                      "none",
                                                      "null",
                                                      "no bids",
                                                      "tbc",
                                                      "tba",
                                                      "unknown",
                                                      "various",
                                                      "redacted",
                                                      "no award",
                                                      "not awarded",
                                                      "not applicable",
                                                      "see above",
                                                      "no supplier",
                                                      "test supplier",
                                                      "individual"};
    constexpr std::array<std::string_view, 8> phrases{
        "not awarded to",       "various supplier",      "multiple supplier", "tender abandoned",
        "contract not awarded", "procurement abandoned", "see attached",      "please see "};
    const auto lower = lower_ascii(clean);
    if (std::ranges::find(nobody, lower) != nobody.end()) return true;
    return std::ranges::any_of(phrases, [&](auto phrase) { return lower.starts_with(phrase); });
}

std::string cut_utf8(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return std::string{text};
    auto size = bytes_max;
    while (size > 0 && (static_cast<std::uint8_t>(text[size]) & 0xc0) == 0x80) --size;
    return std::string{text.substr(0, size)};
}

std::string lower_ascii(std::string_view text) {
    std::string lower{text};
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string slug_of(std::string_view clean) {
    constexpr std::size_t part_bytes_max = 40;
    const auto plain =
        lower_ascii(map_utf8(clean, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK));
    std::string slug;
    for (const char c : plain) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (kept) {
            slug.push_back(c);
        } else if (c != '\'' && !slug.empty() && slug.back() != '-') {
            slug.push_back('-');
        }
    }
    if (slug.size() > part_bytes_max) slug.resize(part_bytes_max);
    while (!slug.empty() && slug.back() == '-') slug.pop_back();
    if (slug.size() < 3) slug = slug.empty() ? "org" : "org-" + slug;
    return slug;
}

}  // namespace tallystick::import
