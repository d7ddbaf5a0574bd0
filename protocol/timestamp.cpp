#include "protocol/timestamp.hpp"

#include <array>
#include <chrono>

#include "protocol/ensure.hpp"
#include "protocol/types.hpp"

namespace tallystick {

namespace {

constexpr std::int32_t nanos_per_second = 1000000000;
constexpr std::int64_t seconds_per_day = 86400;

/// Appends `number` with at least `digits` digits.
void append_padded(std::string& out, std::uint64_t number, std::size_t digits) {
    const auto text = std::to_string(number);
    if (text.size() < digits) out.append(digits - text.size(), '0');
    out += text;
}

/// Reads exactly `digits` decimal digits at `at`, moving it on.
std::optional<unsigned> take_digits(std::string_view text, std::size_t& at, std::size_t digits) {
    if (text.size() < at + digits) return std::nullopt;
    unsigned number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const char c = text[at + i];
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    at += digits;
    return number;
}

bool take_char(std::string_view text, std::size_t& at, char wanted) {
    if (at >= text.size() || text[at] != wanted) return false;
    ++at;
    return true;
}

/// The fraction after the seconds: nothing, or a point and 1 to 9 digits.
std::optional<std::int32_t> take_nanos(std::string_view text, std::size_t& at) {
    if (!take_char(text, at, '.')) return 0;
    std::int32_t nanos = 0;
    std::int32_t scale = nanos_per_second;
    while (scale > 1 && at < text.size() && text[at] >= '0' && text[at] <= '9') {
        scale /= 10;
        nanos += (text[at] - '0') * scale;
        ++at;
    }
    if (scale == nanos_per_second) return std::nullopt;
    return nanos;
}

struct Civil {
    std::uint64_t year;
    std::uint64_t month;
    std::uint64_t day;
    std::uint64_t hour;
    std::uint64_t minute;
    std::uint64_t second;
};

Civil civil_of(std::uint64_t seconds) {
    ensure(seconds <= seconds_max, "an instant past the year 9999");
    const auto count = static_cast<std::int64_t>(seconds);
    const std::chrono::sys_days day{std::chrono::days{count / seconds_per_day}};
    const std::chrono::year_month_day date{day};
    const auto rest = static_cast<std::uint64_t>(count % seconds_per_day);
    return {static_cast<std::uint64_t>(static_cast<int>(date.year())),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            rest / 3600,
            rest / 60 % 60,
            rest % 60};
}

void append_clock(std::string& out, const Civil& civil) {
    append_padded(out, civil.hour, 2);
    out += ':';
    append_padded(out, civil.minute, 2);
    out += ':';
    append_padded(out, civil.second, 2);
}

}  // namespace

bool is_valid(const pb::Timestamp& time) noexcept {
    return time.seconds() >= 0 && time.seconds() <= static_cast<std::int64_t>(seconds_max) &&
           time.nanos() >= 0 && time.nanos() < nanos_per_second;
}

pb::Timestamp make_timestamp(std::int64_t seconds, std::int32_t nanos) {
    pb::Timestamp time;
    time.set_seconds(seconds);
    time.set_nanos(nanos);
    return time;
}

pb::Timestamp timestamp_from_milliseconds(std::uint64_t milliseconds) {
    return make_timestamp(static_cast<std::int64_t>(milliseconds / 1000),
                          static_cast<std::int32_t>(milliseconds % 1000) * 1000000);
}

std::uint64_t milliseconds_of(const pb::Timestamp& time) noexcept {
    ensure(is_valid(time), "milliseconds of an instant out of bounds");
    return static_cast<std::uint64_t>(time.seconds()) * 1000 +
           static_cast<std::uint64_t>(time.nanos()) / 1000000;
}

std::strong_ordering compare(const pb::Timestamp& a, const pb::Timestamp& b) noexcept {
    if (a.seconds() != b.seconds()) return a.seconds() <=> b.seconds();
    return a.nanos() <=> b.nanos();
}

std::string timestamp_to_text(const pb::Timestamp& time) {
    ensure(is_valid(time), "text of an instant out of bounds");
    const auto civil = civil_of(static_cast<std::uint64_t>(time.seconds()));
    std::string text;
    append_padded(text, civil.year, 4);
    text += '-';
    append_padded(text, civil.month, 2);
    text += '-';
    append_padded(text, civil.day, 2);
    text += 'T';
    append_clock(text, civil);
    text += '.';
    append_padded(text, static_cast<std::uint64_t>(time.nanos()), 9);
    text += 'Z';
    return text;
}

std::optional<pb::Timestamp> timestamp_from_text(std::string_view text) {
    std::size_t at = 0;
    const auto year = take_digits(text, at, 4);
    if (!year || !take_char(text, at, '-')) return std::nullopt;
    const auto month = take_digits(text, at, 2);
    if (!month || !take_char(text, at, '-')) return std::nullopt;
    const auto day = take_digits(text, at, 2);
    if (!day || !take_char(text, at, 'T')) return std::nullopt;
    const auto hour = take_digits(text, at, 2);
    if (!hour || !take_char(text, at, ':')) return std::nullopt;
    const auto minute = take_digits(text, at, 2);
    if (!minute || !take_char(text, at, ':')) return std::nullopt;
    const auto second = take_digits(text, at, 2);
    if (!second) return std::nullopt;
    const auto nanos = take_nanos(text, at);
    if (!nanos || !take_char(text, at, 'Z') || at != text.size()) return std::nullopt;

    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                           std::chrono::month{*month}, std::chrono::day{*day}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    auto time = make_timestamp(
        days * seconds_per_day + std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60 + *second,
        *nanos);
    if (!is_valid(time)) return std::nullopt;
    return time;
}

std::string day_in_words(std::uint64_t seconds) {
    constexpr std::array<std::string_view, 12> months = {
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December"};
    const auto civil = civil_of(seconds);
    std::string text = std::to_string(civil.day);
    text += ' ';
    text += months.at(civil.month - 1);
    text += ' ';
    text += std::to_string(civil.year);
    return text;
}

std::string instant_in_words(std::uint64_t seconds) {
    auto text = day_in_words(seconds);
    text += " at ";
    append_clock(text, civil_of(seconds));
    text += " UTC";
    return text;
}

}  // namespace tallystick
