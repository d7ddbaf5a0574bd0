#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/pb.hpp"

/// Instants of headers and commits: seconds and nanoseconds since 1970-01-01 UTC. No clock is read.
namespace tallystick {

/// 1970 to 9999, nanoseconds 0 to 999,999,999. Everything that verifies refuses other instants
/// first, so that no sum of them overflows.
[[nodiscard]] bool is_valid(const pb::Timestamp& time) noexcept;

[[nodiscard]] pb::Timestamp make_timestamp(std::int64_t seconds, std::int32_t nanos);
[[nodiscard]] pb::Timestamp timestamp_from_milliseconds(std::uint64_t milliseconds);

/// Whole milliseconds, rounded down. @pre `is_valid(time)`.
[[nodiscard]] std::uint64_t milliseconds_of(const pb::Timestamp& time) noexcept;

/// Earlier, the same, or later.
[[nodiscard]] std::strong_ordering compare(const pb::Timestamp& a, const pb::Timestamp& b) noexcept;

/// RFC 3339 with nine decimals, `2026-11-22T10:00:00.000000001Z`. @pre `is_valid(time)`.
[[nodiscard]] std::string timestamp_to_text(const pb::Timestamp& time);

/// Reads RFC 3339 in UTC (`Z`) with 0 to 9 decimals. Nothing for anything else or out of bounds.
[[nodiscard]] std::optional<pb::Timestamp> timestamp_from_text(std::string_view text);

/// For people: `22 November 2026 at 10:00:00 UTC`. @pre `seconds` is at most `seconds_max`.
[[nodiscard]] std::string instant_in_words(std::uint64_t seconds);

/// For people: `22 November 2026`. @pre `seconds` is at most `seconds_max`.
[[nodiscard]] std::string day_in_words(std::uint64_t seconds);

}  // namespace tallystick
