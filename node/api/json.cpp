#include "node/api/json.hpp"

#include <google/protobuf/stubs/strutil.h>

#include <algorithm>

namespace tallystick::node::api {

namespace {

/// How deep arrays and objects nest, brackets inside strings left out. Meaningless, but harmless,
/// for a text that is no JSON.
std::size_t depth_of(std::string_view text) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

}  // namespace

Result<ParsedJson, JsonFault> parse_json(std::string_view text) {
    if (depth_of(text) > json_depth_max) return Failure{JsonFault::too_deep};
    auto parsed = ParsedJson::parse(text, nullptr, false);
    if (parsed.is_discarded()) return Failure{JsonFault::not_json};
    return parsed;
}

std::string to_text(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_base64(std::string_view bytes) {
    std::string text;
    google::protobuf::Base64Escape(google::protobuf::StringPiece{bytes.data(), bytes.size()},
                                   &text);
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes;
    if (!google::protobuf::Base64Unescape(google::protobuf::StringPiece{text.data(), text.size()},
                                          &bytes))
        return std::nullopt;
    if (to_base64(bytes) != text) return std::nullopt;  // white space, stray bits
    return bytes;
}

Response json_response(const Json& json, Caching caching, std::optional<AsOf> as_of) {
    Response response;
    response.body = to_text(json);
    response.caching = caching;
    response.as_of = as_of;
    return response;
}

}  // namespace tallystick::node::api
