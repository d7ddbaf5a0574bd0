#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

/// Questions to another authority's public API, over plain HTTP or TLS (certificates of the
/// system). Any thread; every call has a deadline.
namespace tallystick::node {

/// Where an API answers.
struct ApiUrl {
    bool tls = false;
    std::string host;
    std::string port;
    std::string base;  ///< path before every target, without a `/` at its end
};

/// `http://HOST:PORT` or `https://HOST/BASE`; nothing else, in particular no name or password.
/// The error is what was wanted.
[[nodiscard]] Result<ApiUrl, std::string> api_url_from(std::string_view text);

/// An answer, whatever its status.
struct ApiAnswer {
    unsigned status = 0;
    std::string body;
};

/// GETs `target` (path and query) and reads an answer of at most `bytes_max` within `limit`. The
/// error is a sentence.
[[nodiscard]] Result<ApiAnswer, std::string> get_from_api(const ApiUrl& url,
                                                          const std::string& target,
                                                          std::string_view accept,
                                                          std::size_t bytes_max,
                                                          std::chrono::milliseconds limit);

}  // namespace tallystick::node
