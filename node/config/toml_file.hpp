#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/config/settings.hpp"
#include "protocol/result.hpp"

namespace tallystick::node {

/// One key of a TOML file, its tables joined by dots.
struct TomlEntry {
    std::string key;
    std::uint32_t line = 0;
    std::optional<RawValue> value;  ///< nothing for a kind of value that no setting has
};

struct TomlError {
    std::uint32_t line = 0;
    std::string sentence;
};

/// Every key of a TOML text, in the order of their lines. Empty tables give nothing.
[[nodiscard]] Result<std::vector<TomlEntry>, TomlError> read_toml(std::string_view text);

}  // namespace tallystick::node
