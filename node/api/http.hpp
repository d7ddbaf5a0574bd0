#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a route sees of HTTP. No socket, no library's types: routes are tested without a network.
namespace tallystick::node::api {

enum class Method : std::uint8_t { get, post, other };

/// Where an answer belongs in time: the block whose state it describes.
struct AsOf {
    std::uint64_t height = 0;
    std::uint64_t time = 0;  ///< seconds
};

/// How long what is told stays true.
enum class Caching : std::uint8_t {
    never,       ///< not worth keeping: errors, answers to writes
    revalidate,  ///< may change with any block; carries an ETag
    for_ever,    ///< never changes
};

namespace content {
inline constexpr std::string_view json = "application/json";
inline constexpr std::string_view problem = "application/problem+json";
inline constexpr std::string_view protobuf = "application/x-protobuf";
inline constexpr std::string_view receipt = "application/vnd.tallystick.receipt";
inline constexpr std::string_view handover = "application/vnd.tallystick.handover";
inline constexpr std::string_view text = "text/plain; version=0.0.4; charset=utf-8";
}  // namespace content

/// Decoded query parameters, in the order of the request.
using Query = std::vector<std::pair<std::string, std::string>>;

struct Request {
    Method method = Method::get;
    std::string path;                   ///< as sent, percent-encoded, without the query
    std::vector<std::string> captures;  ///< what stands in the route's `{}`, decoded
    Query query;
    std::string content_type;  ///< media type alone, lower case
    std::string accept;
    std::string if_none_match;
    std::string body;
    std::string id;       ///< names the request in the log and to the client
    std::string address;  ///< who asks
};

struct Response {
    unsigned status = 200;
    std::string_view content_type = content::json;  ///< static storage
    std::string body;
    Caching caching = Caching::never;
    std::optional<AsOf> as_of;
    std::optional<unsigned> retry_after_seconds;
    std::string allow;  ///< with 405: the methods that the path has
    std::string etag;   ///< set by `Api`, as sent
};

/// Makes an answer; runs where the session runs, so that a thread of the node never serialises.
using Build = std::function<Response()>;

/// Takes the answer. Called once, on any thread; does not block.
using Reply = std::function<void(Build)>;

/// What to answer if no reply came in time.
struct Late {
    std::chrono::milliseconds after{30000};
    Build build;  ///< empty: 503
};

/// Answers a request, at once or later. Must not block for long.
using Handler = std::function<Late(Request, const Reply&)>;

/// A handler that answers at once.
[[nodiscard]] Handler at_once(std::function<Response(const Request&)> answer);

}  // namespace tallystick::node::api
