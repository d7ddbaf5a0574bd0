#include "protocol/types.hpp"

#include <algorithm>

namespace tallystick {

namespace {

bool is_lower_or_digit(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_printable(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

ByteView bytes_of(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view text_of(ByteView bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string to_hex(ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        hex.push_back(digits[byte >> 4]);
        hex.push_back(digits[byte & 15]);
    }
    return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
    if (hex.size() % 2 != 0) return std::nullopt;
    std::string raw;
    raw.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = hex_value(hex[i]);
        const int low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        raw.push_back(static_cast<char>(high * 16 + low));
    }
    return raw;
}

std::optional<Amount> Amount::times(std::uint64_t quantity) const noexcept {
    const auto product = multiply_divide(hundredths_, quantity, 1);
    if (!product) return std::nullopt;
    return from(*product);
}

std::string to_text(Amount amount) {
    auto whole = std::to_string(amount.hundredths() / 100);
    const auto cents = amount.hundredths() % 100;
    for (auto at = static_cast<std::ptrdiff_t>(whole.size()) - 3; at > 0; at -= 3) {
        whole.insert(static_cast<std::size_t>(at), 1, ',');
    }
    whole.push_back('.');
    whole.push_back(static_cast<char>('0' + cents / 10));
    whole.push_back(static_cast<char>('0' + cents % 10));
    return whole;
}

std::optional<Amount> amount_from_text(std::string_view text) {
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto decimals =
        point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    if (whole.empty() || decimals.size() > 2 ||
        (point != std::string_view::npos && decimals.empty())) {
        return std::nullopt;
    }
    const bool grouped = whole.find(',') != std::string_view::npos;
    std::uint64_t hundredths = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const auto from_end = whole.size() - 1 - i;
        if (grouped && from_end % 4 == 3) {
            if (whole[i] != ',' || i == 0) return std::nullopt;
            continue;
        }
        if (whole[i] < '0' || whole[i] > '9' || hundredths > Amount::hundredths_max)
            return std::nullopt;
        hundredths = hundredths * 10 + static_cast<std::uint64_t>(whole[i] - '0');
    }
    for (std::size_t i = 0; i < 2; ++i) {
        const char digit = i < decimals.size() ? decimals[i] : '0';
        if (digit < '0' || digit > '9' || hundredths > Amount::hundredths_max) return std::nullopt;
        hundredths = hundredths * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    return Amount::from(hundredths);
}

std::optional<std::uint64_t> multiply_divide(std::uint64_t a, std::uint64_t b,
                                             std::uint64_t c) noexcept {
    __extension__ using Wide = unsigned __int128;
    if (c == 0) return std::nullopt;
    const Wide quotient = static_cast<Wide>(a) * b / c;
    if (quotient > UINT64_MAX) return std::nullopt;
    return static_cast<std::uint64_t>(quotient);
}

bool is_handle_part(std::string_view part) noexcept {
    return part.size() >= 3 && part.size() <= 40 && part.front() != '-' && part.back() != '-' &&
           std::ranges::all_of(part, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

std::optional<AccountId> AccountId::from(std::string_view handle) {
    const auto slash = handle.find('/');
    if (!is_handle_part(handle.substr(0, slash))) return std::nullopt;
    if (slash != std::string_view::npos && !is_handle_part(handle.substr(slash + 1)))
        return std::nullopt;
    return AccountId{std::string{handle}};
}

bool AccountId::is_authority() const noexcept {
    return handle_.find('/') == std::string::npos;
}

std::string_view AccountId::authority() const noexcept {
    return std::string_view{handle_}.substr(0, handle_.find('/'));
}

bool is_code(std::string_view code) noexcept {
    return !code.empty() && code.size() <= 40 && std::ranges::all_of(code, [](char c) {
        return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
    });
}

bool is_ocid(std::string_view ocid) noexcept {
    return !ocid.empty() && ocid.size() <= 80 && is_printable(ocid);
}

bool is_lot(std::string_view lot) noexcept {
    return lot.size() <= 80 && is_printable(lot);
}

}  // namespace tallystick
