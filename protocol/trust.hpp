#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/pb.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

/// The trust file: the authorities' keys that a verifier starts from. JSON, format
/// `tallystick-trust-1`, see docs/FORMATS.md.
namespace tallystick {

inline constexpr std::size_t trust_file_bytes_max = 1048576;

struct TrustedValidator {
    std::string authority;  ///< empty where it is not known whose key it is
    PublicKey public_key;
    std::int64_t power = 0;
    friend bool operator==(const TrustedValidator&, const TrustedValidator&) = default;
};

/// Who validated from `first_height` to `last_height`, both inclusive; no last height: still.
struct TrustedSet {
    std::int64_t first_height = 0;
    std::optional<std::int64_t> last_height;
    std::vector<TrustedValidator> validators;
    friend bool operator==(const TrustedSet&, const TrustedSet&) = default;
};

struct TrustedHeader {
    std::int64_t height = 0;
    std::int64_t seconds = 0;
    std::int32_t nanos = 0;
    Hash header_hash;
    friend bool operator==(const TrustedHeader&, const TrustedHeader&) = default;
};

struct TrustSegment {
    std::string chain_id;
    TrustedHeader trusted;
    std::vector<TrustedSet> validator_sets;  ///< ascending, not overlapping
    friend bool operator==(const TrustSegment&, const TrustSegment&) = default;
};

struct Trust {
    LedgerId ledger_id;
    std::string name;
    std::vector<TrustSegment> segments;  ///< ascending; each but the last has ended
    std::uint64_t trusting_period_seconds = 0;
    friend bool operator==(const Trust&, const Trust&) = default;
};

/// What is wrong with a trust file, and where: a sentence for people.
struct TrustError {
    std::string sentence;
};

/// Reads a trust file. Refuses unknown, missing and repeated keys, wrong types, numbers out of
/// bounds, keys that no authority may have, sets and segments that overlap or do not ascend, and
/// files above the bound.
[[nodiscard]] Result<Trust, TrustError> parse_trust(std::string_view json);

/// The file's text; `parse_trust` reads it back to the same. @pre `trust` is such that
/// `parse_trust` accepts it.
[[nodiscard]] std::string serialise_trust(const Trust& trust);

/// Nothing unless the file has a segment with this chain id. Lives as long as `trust`.
[[nodiscard]] const TrustSegment* segment_of(const Trust& trust, std::string_view chain_id);

/// The set that the file lists for a height. Lives as long as `segment`.
[[nodiscard]] const TrustedSet* set_at(const TrustSegment& segment, std::int64_t height);

/// The same set as a header hashes it, sorted.
[[nodiscard]] pb::ValidatorSet validators_of(const TrustedSet& set);

/// The last height of a segment as far as the file knows: right before the segment that follows.
/// Nothing for the newest one. @pre `segment` is one of `trust`'s.
[[nodiscard]] std::optional<std::int64_t> end_of(const Trust& trust, const TrustSegment& segment);

/// The authority that a validator's key belongs to, anywhere in the file; empty if none is named.
[[nodiscard]] std::string_view authority_of(const Trust& trust, std::string_view public_key);

}  // namespace tallystick
