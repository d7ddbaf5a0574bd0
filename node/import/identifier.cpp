#include "node/import/identifier.hpp"

#include <algorithm>
#include <array>

#include "node/import/text.hpp"
#include "protocol/crypto.hpp"
#include "protocol/types.hpp"

namespace tallystick::import {

namespace {

constexpr std::size_t id_bytes_max = 80;
constexpr std::size_t company_number_size = 8;

/// Registers of the org-id list that British bodies are found in, longest first where one begins
/// like another. GB-LAC is not on that list, but published files have it.
constexpr std::array<std::string_view, 18> registers{
    "GB-LANI", "GB-UKPRN", "GB-SHPE", "GB-PPON", "GB-COH", "GB-CHC", "GB-NIC", "GB-LAE",  "GB-LAS",
    "GB-LAC",  "GB-PLA",   "GB-EDU",  "GB-NHS",  "GB-GOR", "GB-REV", "GB-MPR", "GB-CASC", "GB-SC"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z');
}

std::string without_spaces(std::string_view clean) {
    std::string out;
    std::ranges::copy_if(clean, std::back_inserter(out), [](char c) { return c != ' '; });
    return out;
}

std::string upper_ascii(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

OrganisationId make(std::string_view scheme, std::string_view id, IdentifierKind kind) {
    OrganisationId made;
    made.kind = kind;
    made.identifier.set_scheme(std::string{scheme});
    made.identifier.set_id(std::string{id});
    return made;
}

/// A register's number: letters and digits. Only the lists of local authorities number without a
/// digit.
bool is_register_number(std::string_view scheme, std::string_view id) {
    const bool letters_alone = scheme.starts_with("GB-LA") || scheme == "GB-PLA";
    return !id.empty() && id.size() <= id_bytes_max &&
           (letters_alone || std::ranges::any_of(id, is_digit)) &&
           std::ranges::all_of(id,
                               [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

/// What people write where a number should be and is none; many bodies would share it.
bool is_status_word(std::string_view rest) {
    constexpr std::array<std::string_view, 9> words{"cio",     "pending", "unregistered",
                                                    "exempt",  "charity", "not registered",
                                                    "various", "0",       "00000000"};
    return std::ranges::find(words, lower_ascii(clean_line(rest))) != words.end();
}

OrganisationId publisher_id(std::string_view scheme, std::string_view id) {
    if (is_ocid(id)) return make(scheme, id, IdentifierKind::publisher);
    return make(std::string{scheme} + "-SHA256", to_hex(sha256(id).view()),
                IdentifierKind::publisher);
}

}  // namespace

std::optional<OrganisationId> company_number(std::string_view published) {
    auto number = upper_ascii(without_spaces(clean_line(published)));
    if (!std::ranges::all_of(number, is_alphanumeric) || !std::ranges::any_of(number, is_digit)) {
        return std::nullopt;
    }
    if (number.size() > company_number_size) return std::nullopt;
    // Spreadsheets take leading zeros away; two letters (SC, NI, OC, IP…) are never preceded by
    // zeros.
    const auto digits_at =
        static_cast<std::size_t>(std::ranges::find_if(number, is_digit) - number.begin());
    number.insert(digits_at, company_number_size - number.size(), '0');
    if (number.find_first_not_of('0') == std::string::npos) return std::nullopt;
    return make("GB-COH", number, IdentifierKind::register_number);
}

std::optional<OrganisationId> charity_number(std::string_view published) {
    const auto number = upper_ascii(without_spaces(clean_line(published)));
    const auto first_digit = number.find_first_of("0123456789");
    if (first_digit == std::string::npos) return std::nullopt;
    const auto letters = std::string_view{number}.substr(0, first_digit);
    const auto digits = std::string_view{number}.substr(first_digit);
    const bool plain = std::ranges::all_of(digits, [](char c) { return is_digit(c) || c == '-'; });
    if (!plain || number.size() > id_bytes_max) return std::nullopt;
    if (letters.empty()) {
        // England and Wales: six or seven digits; fewer is a typing slip, such as a row number.
        if (digits.size() < 6) return std::nullopt;
        return make("GB-CHC", digits, IdentifierKind::register_number);
    }
    if (letters == "SC") return make("GB-SC", number, IdentifierKind::register_number);
    if (letters == "NIC") return make("GB-NIC", digits, IdentifierKind::register_number);
    return std::nullopt;
}

std::optional<OrganisationId> organisation_id(std::string_view published) {
    const auto clean = clean_line(published);
    if (says_nobody(clean)) return std::nullopt;
    for (const auto scheme : registers) {
        if (!clean.starts_with(scheme) || clean.size() <= scheme.size() ||
            clean[scheme.size()] != '-') {
            continue;
        }
        const auto rest = std::string_view{clean}.substr(scheme.size() + 1);
        if (says_nobody(clean_line(rest))) return std::nullopt;
        if (is_status_word(rest)) return std::nullopt;
        if (scheme == "GB-COH") {
            auto number = company_number(rest);
            return number ? number : publisher_id("PUBLISHER", clean);
        }
        const auto number = upper_ascii(without_spaces(rest));
        if (!is_register_number(scheme, number)) return publisher_id("PUBLISHER", clean);
        return make(scheme, number, IdentifierKind::register_number);
    }
    const auto first = clean.find('-');
    if (first == std::string::npos || first == 0) return publisher_id("PUBLISHER", clean);
    // XI-GRID-…, GB-CFS-…: country and list; 360G-…: the publisher's prefix alone.
    auto end = first;
    if (first == 2) {
        const auto second = clean.find('-', first + 1);
        if (second != std::string::npos) end = second;
    }
    const auto scheme = std::string_view{clean}.substr(0, end);
    const auto rest = std::string_view{clean}.substr(end + 1);
    if (says_nobody(rest)) return std::nullopt;
    if (scheme.size() > 30 || !is_code(scheme)) return publisher_id("PUBLISHER", clean);
    return publisher_id(scheme, rest);
}

std::string text_of(const pb::Identifier& identifier) {
    return identifier.scheme() + "-" + identifier.id();
}

}  // namespace tallystick::import
