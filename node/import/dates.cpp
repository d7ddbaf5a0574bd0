#include "node/import/dates.hpp"

#include <charconv>
#include <chrono>

namespace tallystick::import {

namespace {

/// Reads exactly `width` digits at `at` and moves past them.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t width) {
    if (text.size() < at + width) return std::nullopt;
    int value = 0;
    const auto part = text.substr(at, width);
    const auto read = std::from_chars(part.data(), part.data() + part.size(), value);
    if (read.ec != std::errc{} || read.ptr != part.data() + part.size() || part[0] == '-') {
        return std::nullopt;
    }
    at += width;
    return value;
}

bool skip(std::string_view text, std::size_t& at, char expected) {
    if (at >= text.size() || text[at] != expected) return false;
    ++at;
    return true;
}

std::optional<std::int64_t> day_seconds(int year, int month, int day) {
    if (year < 1970 || month < 1 || day < 1) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch().count() * std::int64_t{86400};
}

/// `dd/mm/yyyy`.
std::optional<std::int64_t> british_date(std::string_view text) {
    std::size_t at = 0;
    const auto day = digits(text, at, 2);
    if (!day || !skip(text, at, '/')) return std::nullopt;
    const auto month = digits(text, at, 2);
    if (!month || !skip(text, at, '/')) return std::nullopt;
    const auto year = digits(text, at, 4);
    if (!year || at != text.size()) return std::nullopt;
    return day_seconds(*year, *month, *day);
}

/// `hh:mm[:ss[.fraction]]` and the zone; seconds to add to the day.
std::optional<std::int64_t> clock_part(std::string_view text, std::size_t at) {
    const auto hour = digits(text, at, 2);
    if (!hour || *hour > 23 || !skip(text, at, ':')) return std::nullopt;
    const auto minute = digits(text, at, 2);
    if (!minute || *minute > 59) return std::nullopt;
    std::int64_t seconds = *hour * 3600 + *minute * 60;
    if (skip(text, at, ':')) {
        const auto second = digits(text, at, 2);
        if (!second || *second > 60) return std::nullopt;
        seconds += *second;
        if (skip(text, at, '.')) {
            const auto fraction = at;
            while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
            if (at == fraction) return std::nullopt;
        }
    }
    if (at == text.size() || text.substr(at) == "Z" || text.substr(at) == "z") return seconds;
    const int sign = text[at] == '+' ? -1 : text[at] == '-' ? 1 : 0;
    if (sign == 0) return std::nullopt;
    ++at;
    const auto zone_hour = digits(text, at, 2);
    if (!zone_hour || *zone_hour > 14) return std::nullopt;
    static_cast<void>(skip(text, at, ':'));
    const auto zone_minute = digits(text, at, 2);
    if (!zone_minute || *zone_minute > 59 || at != text.size()) return std::nullopt;
    return seconds + sign * (*zone_hour * 3600 + *zone_minute * 60);
}

std::optional<std::int64_t> iso_instant(std::string_view text) {
    std::size_t at = 0;
    const auto year = digits(text, at, 4);
    if (!year || !skip(text, at, '-')) return std::nullopt;
    const auto month = digits(text, at, 2);
    if (!month || !skip(text, at, '-')) return std::nullopt;
    const auto day = digits(text, at, 2);
    if (!day) return std::nullopt;
    const auto start = day_seconds(*year, *month, *day);
    if (!start || at == text.size()) return start;
    if (text[at] != 'T' && text[at] != 't' && text[at] != ' ') return std::nullopt;
    const auto clock = clock_part(text, at + 1);
    if (!clock) return std::nullopt;
    return *start + *clock;
}

}  // namespace

std::optional<std::uint64_t> instant_from_text(std::string_view text) {
    const bool british = text.size() == 10 && text[2] == '/';
    const auto seconds = british ? british_date(text) : iso_instant(text);
    if (!seconds || *seconds < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*seconds);
}

}  // namespace tallystick::import
