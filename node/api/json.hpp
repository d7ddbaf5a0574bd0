#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "node/api/http.hpp"
#include "protocol/result.hpp"

namespace tallystick::node::api {

/// Keeps the order in which keys are set: what people look for first stands first.
using Json = nlohmann::ordered_json;

/// Levels of arrays and objects that a body may nest.
inline constexpr std::size_t json_depth_max = 16;

enum class JsonFault : std::uint8_t { not_json, too_deep };

/// A body as parsed. Not `Json`: that one looks for every new key among all that came before, and a
/// body of 4 MiB with nothing but keys would keep a thread busy for half an hour.
using ParsedJson = nlohmann::json;

/// Parses a body. The depth is looked at before anything is built.
[[nodiscard]] Result<ParsedJson, JsonFault> parse_json(std::string_view text);

/// The bytes as text; what is not UTF-8 is replaced.
[[nodiscard]] std::string to_text(const Json& json);

/// RFC 4648 base 64 with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// Nothing unless `text` is what `to_base64` would give.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

/// A JSON answer.
[[nodiscard]] Response json_response(const Json& json, Caching caching,
                                     std::optional<AsOf> as_of = std::nullopt);

}  // namespace tallystick::node::api
