#include "wallet/core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <vector>

namespace tallystick::wallet {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// One character of UTF-8: its code point and length; a length of 0 says that the bytes are not
/// UTF-8.
struct Character {
    char32_t code = 0;
    std::size_t bytes = 0;
};

Character character_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto first = byte(at);
    if (first < 0x80) return {first, 1};
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at + size > text.size()) return {};
    char32_t code = first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) return {};
        code = (code << 6U) | (byte(at + i) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, size};
}

bool acts_on_terminal(char32_t code) {
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C || code == 0x00AD ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
           (code >= 0xFFF0 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE0FFF);
}

bool is_combining_accent(char32_t code) {
    return code >= 0x0300 && code <= 0x036F;
}

std::optional<std::uint64_t> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    std::uint64_t number = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        number = number * 10 + static_cast<std::uint64_t>(text[i] - '0');
    }
    return number;
}

Failure<Problem> bad_time(std::string_view text) {
    return problem(Exit::usage, "bad_time",
                   "\"" + shown(text) +
                       "\" is not a date. Write 2027-03-01, 2027-03-01T12:00:00Z, or +30d for "
                       "thirty days from now.");
}

/// Seconds at the start of a day that exists.
std::optional<std::int64_t> day_start(std::string_view text) {
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch().count() * std::int64_t{86400};
}

/// The offset of `Z`, `+01:00` or `-05:30`, in seconds east.
std::optional<std::int64_t> offset_of(std::string_view zone) {
    if (zone == "Z" || zone == "z") return 0;
    const auto hours = digits(zone, 1, 2);
    const auto minutes = digits(zone, 4, 2);
    if (zone.size() != 6 || !hours || !minutes || zone[3] != ':' || *hours > 23 || *minutes > 59 ||
        (zone[0] != '+' && zone[0] != '-')) {
        return std::nullopt;
    }
    const auto seconds = static_cast<std::int64_t>(*hours * 3600 + *minutes * 60);
    return zone[0] == '+' ? seconds : -seconds;
}

constexpr std::array<std::string_view, 16> reason_words{"no reason",
                                                        "relevant to outcomes",
                                                        "relevant to place",
                                                        "out of scope",
                                                        "incomplete information",
                                                        "not eligible",
                                                        "no capacity",
                                                        "not as agreed",
                                                        "not delivered",
                                                        "poor quality",
                                                        "delivered late",
                                                        "mistake",
                                                        "no longer needed",
                                                        "challenge upheld",
                                                        "evidence insufficient",
                                                        "other"};

std::string dashed(std::string_view words) {
    std::string made{words};
    std::ranges::replace(made, ' ', '-');
    return made;
}

}  // namespace

std::string shown(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, bytes] = character_at(text, at);
        if (bytes == 0 || acts_on_terminal(code)) {
            safe += replacement;
        } else {
            safe += text.substr(at, bytes);
        }
        at += std::max<std::size_t>(bytes, 1);
    }
    return safe;
}

Try<std::string> display_name_from_text(std::string_view text) {
    if (text.empty() || text.size() > 200)
        return problem(Exit::usage, "bad_name", "A display name has 1 to 200 bytes of UTF-8.");
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, bytes] = character_at(text, at);
        if (bytes == 0 || acts_on_terminal(code))
            return problem(Exit::usage, "bad_name",
                           "The display name \"" + shown(text) +
                               "\" holds bytes that are not text. Write it in UTF-8 without "
                               "control characters.");
        if (is_combining_accent(code))
            return problem(Exit::usage, "bad_name",
                           "The display name \"" + shown(text) +
                               "\" writes an accent as a character of its own. Type the letter "
                               "together with its accent, as in \"ŵ\".");
        at += bytes;
    }
    return std::string{text};
}

Try<std::uint64_t> credits_from_text(std::string_view text) {
    const auto amount = amount_from_text(text);
    if (!amount || amount->is_zero())
        return problem(Exit::usage, "bad_amount",
                       "\"" + shown(text) +
                           "\" is not an amount of credits. Write it with at most two decimals, "
                           "such as 12.50.");
    return amount->hundredths();
}

std::string credits_text(std::uint64_t hundredths) {
    const auto amount = Amount::from(hundredths);
    return (amount ? to_text(*amount) : std::to_string(hundredths) + " hundredths of") + " credits";
}

Try<std::uint64_t> number_from_text(std::string_view text, std::uint64_t max) {
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (text.empty() || error != std::errc{} || stop != end || number > max)
        return problem(
            Exit::usage, "bad_number",
            "\"" + shown(text) + "\" is not a whole number from 0 to " + std::to_string(max) + ".");
    return number;
}

Try<std::uint64_t> time_from_text(std::string_view text, std::uint64_t now) {
    if (text.starts_with('+')) {
        const auto after = duration_from_text(text.substr(1));
        if (!after || now > seconds_max || *after > seconds_max - now) return bad_time(text);
        return now + *after;
    }
    if (text.size() < 10) return bad_time(text);
    const auto start = day_start(text);
    if (!start) return bad_time(text);
    std::int64_t seconds = *start + 86399;
    if (text.size() > 10) {
        const auto hour = digits(text, 11, 2);
        const auto minute = digits(text, 14, 2);
        const auto second = digits(text, 17, 2);
        if ((text[10] != 'T' && text[10] != 't') || !hour || !minute || !second ||
            text[13] != ':' || text[16] != ':' || *hour > 23 || *minute > 59 || *second > 59) {
            return bad_time(text);
        }
        const auto offset = offset_of(text.substr(19));
        if (!offset) return bad_time(text);
        seconds =
            *start + static_cast<std::int64_t>(*hour * 3600 + *minute * 60 + *second) - *offset;
    }
    if (seconds <= 0 || static_cast<std::uint64_t>(seconds) > seconds_max) return bad_time(text);
    return static_cast<std::uint64_t>(seconds);
}

std::string time_text(std::uint64_t seconds) {
    if (seconds > seconds_max) return "a time after the year 9999";
    constexpr std::array<const char*, 12> months{"January",   "February", "March",    "April",
                                                 "May",       "June",     "July",     "August",
                                                 "September", "October",  "November", "December"};
    const std::chrono::sys_days day{std::chrono::days{static_cast<std::int64_t>(seconds / 86400)}};
    const std::chrono::year_month_day date{day};
    auto made = std::to_string(static_cast<unsigned>(date.day())) + " " +
                months[static_cast<unsigned>(date.month()) - 1] + " " +
                std::to_string(static_cast<int>(date.year()));
    const auto rest = seconds % 86400;
    if (rest == 86399) return made;
    std::array<char, 24> clock{};
    std::snprintf(clock.data(), clock.size(), " at %02u:%02u", static_cast<unsigned>(rest / 3600),
                  static_cast<unsigned>(rest / 60 % 60));
    made += clock.data();
    if (rest % 60 != 0) {
        std::snprintf(clock.data(), clock.size(), ":%02u", static_cast<unsigned>(rest % 60));
        made += clock.data();
    }
    return made + " UTC";
}

std::string rfc3339(std::uint64_t seconds) {
    if (seconds > seconds_max) return "after-9999";
    const std::chrono::sys_days day{std::chrono::days{static_cast<std::int64_t>(seconds / 86400)}};
    const std::chrono::year_month_day date{day};
    const auto rest = static_cast<unsigned>(seconds % 86400);
    std::array<char, 32> made{};
    std::snprintf(made.data(), made.size(), "%04d-%02u-%02uT%02u:%02u:%02uZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), rest / 3600, rest / 60 % 60, rest % 60);
    return made.data();
}

std::string duration_text(std::uint64_t seconds) {
    struct Unit {
        std::uint64_t seconds;
        const char* name;
    };
    for (const auto& [size, name] :
         {Unit{86400, "day"}, Unit{3600, "hour"}, Unit{60, "minute"}, Unit{1, "second"}}) {
        if (seconds == 0 || seconds % size != 0) continue;
        const auto count = seconds / size;
        return std::to_string(count) + " " + name + (count == 1 ? "" : "s");
    }
    return "0 seconds";
}

std::string about_text(std::uint64_t seconds) {
    for (const std::uint64_t unit : {86400U, 3600U, 60U})
        if (seconds >= unit) return duration_text(seconds - seconds % unit);
    return duration_text(seconds);
}

Try<std::uint64_t> duration_from_text(std::string_view text) {
    std::uint64_t unit = 1;
    auto figures = text;
    if (!text.empty() && (text.back() < '0' || text.back() > '9')) {
        figures.remove_suffix(1);
        switch (text.back()) {
            case 's': unit = 1; break;
            case 'm': unit = 60; break;
            case 'h': unit = 3600; break;
            case 'd': unit = 86400; break;
            default: unit = 0;
        }
    }
    const auto count = number_from_text(figures, seconds_max / 86400);
    if (unit == 0 || !count)
        return problem(
            Exit::usage, "bad_duration",
            "\"" + shown(text) + "\" is not a length of time. Write 90s, 15m, 2h or 10d.");
    return *count * unit;
}

Try<std::string> hash_from_text(std::string_view text) {
    const auto raw = from_hex(text);
    const auto hash = raw ? Hash::from(*raw) : std::nullopt;
    if (!hash)
        return problem(Exit::usage, "bad_hash",
                       "\"" + shown(text.substr(0, 80)) + "\" is not 64 hexadecimal digits.");
    return hash->str();
}

std::string short_id(std::string_view raw_id) {
    return to_hex(bytes_of(raw_id.substr(0, 4)));
}

std::string contract_text(const pb::ContractId& contract) {
    auto made = "contract " + shown(contract.ocid());
    if (!contract.lot().empty()) made += " (lot " + shown(contract.lot()) + ")";
    return made + " of " + shown(contract.authority());
}

Try<pb::ContractId> contract_from_text(std::string_view text, std::string_view lot) {
    const auto first = text.find(':');
    pb::ContractId contract;
    if (first != std::string_view::npos) {
        contract.set_authority(std::string{text.substr(0, first)});
        auto ocid = text.substr(first + 1);
        if (const auto last = ocid.rfind(':'); lot.empty() && last != std::string_view::npos) {
            lot = ocid.substr(last + 1);
            ocid = ocid.substr(0, last);
        }
        contract.set_ocid(std::string{ocid});
        contract.set_lot(std::string{lot});
    }
    const auto authority = AccountId::from(contract.authority());
    if (!authority || !authority->is_authority() || !is_ocid(contract.ocid()) ||
        !is_lot(contract.lot())) {
        return problem(Exit::usage, "bad_contract",
                       "\"" + shown(text) +
                           "\" is not a contract. Write AUTHORITY:OCID or AUTHORITY:OCID:LOT, such "
                           "as suffolk:ocds-b5fd17-1234:2.");
    }
    return contract;
}

Try<std::string> account_from_text(std::string_view text) {
    if (!AccountId::from(text))
        return problem(Exit::usage, "bad_account",
                       "\"" + shown(text) +
                           "\" is not an account. An account looks like suffolk or "
                           "suffolk/befriending-scheme.");
    return std::string{text};
}

std::string_view reason_text(pb::ReasonCode code) noexcept {
    const auto at = static_cast<std::size_t>(code);
    return at < reason_words.size() ? reason_words[at] : "an unknown reason";
}

Try<pb::ReasonCode> reason_from_text(std::string_view text) {
    std::string known;
    for (std::size_t i = 1; i < reason_words.size(); ++i) {
        const auto code = dashed(reason_words[i]);
        if (code == text) return static_cast<pb::ReasonCode>(i);
        known += (i == 1 ? "" : ", ") + code;
    }
    return problem(
        Exit::usage, "bad_reason",
        "\"" + shown(text) + "\" is not a reason of the list. Choose one of: " + known + ".");
}

std::string quantity_text(std::uint64_t quantity, std::string_view resource,
                          pb::ResourceUnit unit) {
    const auto count = std::to_string(quantity);
    const auto counted = [&](const char* name) {
        return count + " " + name + (quantity == 1 ? "" : "s") + " of " + shown(resource);
    };
    switch (unit) {
        case pb::RESOURCE_UNIT_HOUR: return counted("hour");
        case pb::RESOURCE_UNIT_DAY: return counted("day");
        case pb::RESOURCE_UNIT_MONTH: return counted("month");
        case pb::RESOURCE_UNIT_ITEM:
        case pb::RESOURCE_UNIT_UNSPECIFIED:
        case pb::ResourceUnit_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::ResourceUnit_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return count + " × " + shown(resource);
}

}  // namespace tallystick::wallet
