#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/api/http.hpp"

namespace tallystick::node::api {

inline constexpr std::size_t body_bytes_max = 262144;
inline constexpr std::size_t submit_bytes_max = 4194304;
inline constexpr std::size_t header_bytes_max = 16384;

/// One method of one path.
struct Route {
    Method method = Method::get;
    /// Such as `/v1/contracts/{}/{}/report`; a `{}` takes one segment.
    std::string_view pattern;
    Handler handler;
    std::size_t body_max = body_bytes_max;
};

/// Finds the route of a request and finishes its answer: 404 and 405, ETag and 304, the request's
/// id in problems. Thread-safe once built.
class Api {
  public:
    explicit Api(std::vector<Route> routes);

    /// Answers `request`, whose path and query come from `target`: `reply` is called once, on any
    /// thread, unless the caller gives up and uses what is returned. An exception of a handler
    /// becomes a 500.
    [[nodiscard]] Late handle(Request request, std::string_view target, const Reply& reply) const;

    /// The most bytes that a body of this method and target may have.
    [[nodiscard]] std::size_t body_bytes_max_of(Method method, std::string_view target) const;

  private:
    struct Match {
        const Route* route = nullptr;
        std::vector<std::string_view> captures;
        std::string allow;  ///< methods of the path if the method was not among them
    };
    [[nodiscard]] Match find(Method method, std::string_view path) const;
    [[nodiscard]] Late run(const Match& match, Request request, std::string_view query,
                           const Reply& reply) const;

    std::vector<Route> routes_;
    std::vector<std::vector<std::string_view>> patterns_;  ///< segments of each route
};

}  // namespace tallystick::node::api
