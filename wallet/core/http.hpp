#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "wallet/core/problem.hpp"

/// One request over HTTP/1.1, plain or TLS (certificates of the system). Asio and Beast live in
/// http.cpp alone. Any thread; every call has a deadline.
namespace tallystick::wallet {

inline constexpr std::size_t response_bytes_max = 33554432;

/// Where a node answers.
struct Url {
    bool tls = false;
    std::string host;
    std::string port;
    std::string base;  ///< path before every target, without a `/` at its end
};

/// Reads `http://host:port` or `https://host/base`. Refuses anything else (`bad_url`), also a name
/// or a password inside it.
[[nodiscard]] Try<Url> url_from_text(std::string_view text);

struct HttpRequest {
    std::string method;
    std::string target;  ///< path and query
    std::string accept;
    std::string content_type;  ///< empty without a body
    std::string body;
};

struct HttpResponse {
    unsigned status = 0;
    std::string content_type;
    unsigned retry_after_seconds = 0;
    std::string body;
};

/// Sends one request and waits for the whole answer. Refuses (`no_node`) when nobody answers in
/// time: the request may or may not have arrived.
[[nodiscard]] Try<HttpResponse> send_request(const Url& url, const HttpRequest& request,
                                             std::chrono::milliseconds deadline);

/// Percent-encodes everything but unreserved characters: one path segment or query value.
[[nodiscard]] std::string url_encoded(std::string_view text);

}  // namespace tallystick::wallet
