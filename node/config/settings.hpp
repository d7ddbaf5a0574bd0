#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "node/config/config.hpp"
#include "protocol/result.hpp"

/// The list of settings: one row each, used for the file, the environment, flags and `config show`.
namespace tallystick::node {

/// A value as it came from a file, or as text from the environment or a flag.
using RawValue = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;

/// Where a setting lives.
using Member = std::variant<std::string& (*)(Config&), std::uint64_t& (*)(Config&),
                            std::vector<std::string>& (*)(Config&)>;

struct Setting {
    std::string_view key;   ///< as in the file, such as `api.listen`
    std::string_view help;  ///< one sentence
    Member member;
    std::uint64_t min = 0;  ///< of a number
    std::uint64_t max = 0;
    /// What a text must be; null: any. Returns what it should be, or nothing if it is fine.
    std::optional<std::string_view> (*check)(const std::string&) = nullptr;
};

/// Every setting, grouped by table.
[[nodiscard]] std::span<const Setting> settings();

/// Null unless there is one with this key.
[[nodiscard]] const Setting* setting_of(std::string_view key);

/// The known key that looks most like `key`; nothing if none is near.
[[nodiscard]] std::optional<std::string_view> nearest_key(std::string_view key);

/// `TALLYD_API_LISTEN` for `api.listen`.
[[nodiscard]] std::string environment_name(const Setting& setting);

/// Sets it from a file's value; the error says what the value should be.
[[nodiscard]] Result<void, std::string> assign(const Setting& setting, const RawValue& value,
                                               Config& config);

/// Sets it from text: numbers in decimal, lists separated by commas.
[[nodiscard]] Result<void, std::string> assign_text(const Setting& setting, const std::string& text,
                                                    Config& config);

/// The value as TOML.
[[nodiscard]] std::string value_text(const Setting& setting, const Config& config);

/// An address and port to listen on.
struct Endpoint {
    std::string address;
    std::uint16_t port = 0;  ///< 0: any free one
};

/// Reads `127.0.0.1:7710` or `[::1]:7710`. Nothing for anything else; names are not resolved.
[[nodiscard]] std::optional<Endpoint> endpoint_from(std::string_view text);

}  // namespace tallystick::node
