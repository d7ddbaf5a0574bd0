#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tallystick {

/// Bytes that someone else owns.
using ByteView = std::span<const std::uint8_t>;

/// The bytes of a string, without copying. Lives as long as `text`'s storage.
[[nodiscard]] ByteView bytes_of(std::string_view text) noexcept;

/// The same bytes seen as text, without copying.
[[nodiscard]] std::string_view text_of(ByteView bytes) noexcept;

/// A fixed number of bytes with a meaning; different meanings do not convert into each other.
template <class Tag, std::size_t size_bytes>
struct FixedBytes {
    std::array<std::uint8_t, size_bytes> bytes{};

    static constexpr std::size_t size = size_bytes;

    /// Nothing unless `raw` is exactly `size` bytes long.
    [[nodiscard]] static std::optional<FixedBytes> from(std::string_view raw) noexcept {
        if (raw.size() != size_bytes) return std::nullopt;
        FixedBytes made;
        for (std::size_t i = 0; i < size_bytes; ++i)
            made.bytes[i] = static_cast<std::uint8_t>(raw[i]);
        return made;
    }
    [[nodiscard]] ByteView view() const noexcept { return bytes; }
    [[nodiscard]] std::string_view text() const noexcept { return text_of(bytes); }
    [[nodiscard]] std::string str() const { return std::string{text()}; }

    friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
};

using Hash = FixedBytes<struct HashTag, 32>;
using EnvelopeId = FixedBytes<struct EnvelopeIdTag, 32>;
using LedgerId = FixedBytes<struct LedgerIdTag, 32>;
using PublicKey = FixedBytes<struct PublicKeyTag, 32>;
using SignatureBytes = FixedBytes<struct SignatureTag, 64>;
using ValidatorAddress = FixedBytes<struct ValidatorAddressTag, 20>;

/// Lower-case hexadecimal.
[[nodiscard]] std::string to_hex(ByteView bytes);

/// Nothing unless `hex` is an even number of hexadecimal digits of either case.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view hex);

/// An amount of credits in hundredths, 0 to 2^53 - 1, so that any JSON reader keeps it.
class Amount {
  public:
    static constexpr std::uint64_t hundredths_max = (std::uint64_t{1} << 53) - 1;

    constexpr Amount() = default;

    /// Nothing if `hundredths` is above the bound.
    [[nodiscard]] static constexpr std::optional<Amount> from(std::uint64_t hundredths) noexcept {
        if (hundredths > hundredths_max) return std::nullopt;
        return Amount{hundredths};
    }
    [[nodiscard]] constexpr std::uint64_t hundredths() const noexcept { return hundredths_; }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return hundredths_ == 0; }

    /// Nothing if the sum is above the bound.
    [[nodiscard]] constexpr std::optional<Amount> plus(Amount other) const noexcept {
        return from(hundredths_ + other.hundredths_);
    }
    /// Nothing if `other` is larger.
    [[nodiscard]] constexpr std::optional<Amount> minus(Amount other) const noexcept {
        if (other.hundredths_ > hundredths_) return std::nullopt;
        return Amount{hundredths_ - other.hundredths_};
    }
    /// `quantity` units of this value each; nothing if the product is above the bound.
    [[nodiscard]] std::optional<Amount> times(std::uint64_t quantity) const noexcept;

    friend constexpr auto operator<=>(Amount, Amount) = default;

  private:
    explicit constexpr Amount(std::uint64_t hundredths) noexcept : hundredths_(hundredths) {}

    std::uint64_t hundredths_ = 0;
};

/// For people: `1,234.50`. For machines use `hundredths()` as a decimal string.
[[nodiscard]] std::string to_text(Amount amount);

/// Reads `1234`, `1234.5` or `1,234.50`. Nothing for anything else, more than two decimals, or out
/// of bounds.
[[nodiscard]] std::optional<Amount> amount_from_text(std::string_view text);

/// floor(a * b / c) with a 128-bit product; nothing if c is 0 or the result does not fit 64 bits.
[[nodiscard]] std::optional<std::uint64_t> multiply_divide(std::uint64_t a, std::uint64_t b,
                                                           std::uint64_t c) noexcept;

/// Block number; the first block is 1.
struct Height {
    std::uint64_t number = 0;
    friend auto operator<=>(const Height&, const Height&) = default;
};

/// Seconds since 1970-01-01 UTC.
struct Seconds {
    std::uint64_t count = 0;
    friend auto operator<=>(const Seconds&, const Seconds&) = default;
};

/// Largest instant accepted anywhere, 9999-12-31T23:59:59Z, so that sums of windows never overflow.
inline constexpr std::uint64_t seconds_max = 253402300799;

/// An account's readable handle: `suffolk` (an authority) or `suffolk/befriending-scheme`.
/// Each part: lower-case ASCII letters, digits and `-`, 3 to 40, neither first nor last a `-`.
class AccountId {
  public:
    /// Nothing unless `handle` has that form.
    [[nodiscard]] static std::optional<AccountId> from(std::string_view handle);

    [[nodiscard]] const std::string& text() const noexcept { return handle_; }
    /// True for a one-part handle.
    [[nodiscard]] bool is_authority() const noexcept;
    /// The part before the `/`, or the whole.
    [[nodiscard]] std::string_view authority() const noexcept;

    friend auto operator<=>(const AccountId&, const AccountId&) = default;

  private:
    explicit AccountId(std::string handle) : handle_(std::move(handle)) {}

    std::string handle_;
};

/// `part` is one part of a handle: what `AccountId` says of it.
[[nodiscard]] bool is_handle_part(std::string_view part) noexcept;

/// Codes of resources, outcomes and wards: ASCII letters, digits, `-`, `_`, `.`; 1 to 40.
[[nodiscard]] bool is_code(std::string_view code) noexcept;

/// An Open Contracting id or a lot: printable ASCII without space; 1 to 80 (a lot may be empty).
[[nodiscard]] bool is_ocid(std::string_view ocid) noexcept;
[[nodiscard]] bool is_lot(std::string_view lot) noexcept;

}  // namespace tallystick
