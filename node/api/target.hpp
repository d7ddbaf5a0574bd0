#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/api/http.hpp"

/// The request target of HTTP (RFC 3986), taken apart.
namespace tallystick::node::api {

/// Replaces %XX; nothing for a broken escape or a NUL. `+` stays `+` unless `plus_is_space`.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

struct Target {
    std::string_view path;  ///< percent-encoded
    std::string_view query;
};

[[nodiscard]] Target split_target(std::string_view target) noexcept;

/// The path's segments, still encoded: an encoded `/` does not separate. Nothing unless the path
/// begins with `/`.
[[nodiscard]] std::optional<std::vector<std::string_view>> path_segments(std::string_view path);

/// Nothing for a broken escape or more than 64 parameters.
[[nodiscard]] std::optional<Query> parse_query(std::string_view query);

/// The media type of a Content-Type, in lower case, without parameters.
[[nodiscard]] std::string media_type(std::string_view content_type);

/// Does an Accept header take this media type? An empty one takes everything. Weights other than 0
/// do not matter.
[[nodiscard]] bool accepts(std::string_view accept, std::string_view type);

/// Is this type named by the header itself, not only by a wildcard? Then it is meant.
[[nodiscard]] bool names(std::string_view accept, std::string_view type);

}  // namespace tallystick::node::api
