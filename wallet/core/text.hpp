#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/pb.hpp"
#include "protocol/types.hpp"
#include "wallet/core/problem.hpp"

/// What people type and what they see.
namespace tallystick::wallet {

/// Text from outside, safe to print: control characters (C0, DEL, C1), characters that turn the
/// direction of writing or have no width, line separators and bytes that are not UTF-8 become
/// U+FFFD. Stops a display name from moving the cursor, hiding an amount, or acting on the
/// terminal.
[[nodiscard]] std::string shown(std::string_view text);

/// Refuses a display name that is empty, over 200 bytes, not UTF-8, holds what `shown` would
/// replace, or writes an accent as a character of its own (so that equal names have equal bytes).
[[nodiscard]] Try<std::string> display_name_from_text(std::string_view text);

/// Credits as typed, such as `12.50`. Refuses anything else, zero, and more than 2^53 - 1
/// hundredths.
[[nodiscard]] Try<std::uint64_t> credits_from_text(std::string_view text);

/// `12.50 credits`; `1.00 credit` stays plural, as people say it.
[[nodiscard]] std::string credits_text(std::uint64_t hundredths);

/// A whole number from 0 to `max`, digits only.
[[nodiscard]] Try<std::uint64_t> number_from_text(std::string_view text, std::uint64_t max);

/// Seconds since 1970 from `2027-03-01` (the last second of that day, UTC: what is typed is a
/// limit), an RFC 3339 time such as `2027-03-01T12:00:00Z` or `...+01:00`, or `+90s`, `+15m`,
/// `+2h`, `+30d` after `now`. Refuses days that do not exist and times after the year 9999.
[[nodiscard]] Try<std::uint64_t> time_from_text(std::string_view text, std::uint64_t now);

/// `1 March 2027` for the last second of a day, else `1 March 2027 at 12:00 UTC` (with seconds
/// where there are any).
[[nodiscard]] std::string time_text(std::uint64_t seconds);

/// `2027-03-01T12:00:00Z`.
[[nodiscard]] std::string rfc3339(std::uint64_t seconds);

/// `3 days`, `72 hours`, `90 seconds`: the largest unit that fits exactly.
[[nodiscard]] std::string duration_text(std::uint64_t seconds);

/// About how long, in the largest unit that fits once: `45 seconds`, `2 minutes`, `3 hours`.
[[nodiscard]] std::string about_text(std::uint64_t seconds);

/// Seconds from `90s`, `15m`, `2h`, `10d` or a bare number of seconds.
[[nodiscard]] Try<std::uint64_t> duration_from_text(std::string_view text);

/// 32 bytes from 64 hexadecimal digits.
[[nodiscard]] Try<std::string> hash_from_text(std::string_view text);

/// First 8 digits of an id, for reading; never for naming an object to a machine.
[[nodiscard]] std::string short_id(std::string_view raw_id);

/// `ocid` or `ocid lot 2`, with the authority: `contract ocds-1 (lot 2) of suffolk`.
[[nodiscard]] std::string contract_text(const pb::ContractId& contract);

/// A contract as typed: `authority:ocid` or `authority:ocid:lot`. A `:` inside an ocid is kept when
/// the lot is given apart.
[[nodiscard]] Try<pb::ContractId> contract_from_text(std::string_view text, std::string_view lot);

/// A handle as typed.
[[nodiscard]] Try<std::string> account_from_text(std::string_view text);

/// The words of a reason's code, such as `no longer needed`.
[[nodiscard]] std::string_view reason_text(pb::ReasonCode code) noexcept;

/// The code as typed: its words with `-` for spaces, such as `no-longer-needed`.
[[nodiscard]] Try<pb::ReasonCode> reason_from_text(std::string_view text);

/// `3 hours`, `1 hour`, `2 × laptop`: a quantity of a unit of a resource.
[[nodiscard]] std::string quantity_text(std::uint64_t quantity, std::string_view resource,
                                        pb::ResourceUnit unit);

}  // namespace tallystick::wallet
