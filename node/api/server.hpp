#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "node/api/api.hpp"
#include "node/config/config.hpp"
#include "node/config/settings.hpp"
#include "node/node_service.hpp"
#include "protocol/result.hpp"

namespace tallystick::node::api {

struct ServerOptions {
    Endpoint listen;
    unsigned threads = 2;
    std::uint64_t connections_max = 1024;
    std::uint64_t connections_per_address_max = 128;
    std::uint64_t requests_per_second = 500;
    std::uint64_t requests_burst = 1000;
    std::chrono::seconds request{10};  ///< for a whole request to arrive
    std::chrono::seconds idle{60};
    std::chrono::seconds write{30};
    std::vector<std::string> trusted_proxies;
    std::uint64_t stream_clients_max = 256;
    std::uint64_t stream_queue_max = 256;
};

/// What the configuration says. @pre `config.listen` passed its check.
[[nodiscard]] ServerOptions options_from(const ApiConfig& config);

/// Counters since start, for /metrics.
struct ServerCounters {
    std::uint64_t connections = 0;  ///< open now
    std::uint64_t connections_refused_total = 0;
    std::uint64_t requests_limited_total = 0;      ///< answered too_many_requests
    std::array<std::uint64_t, 6> answers_total{};  ///< by the first digit of their status
    std::uint64_t answer_microseconds_total = 0;   ///< from a whole request to its answer
    std::uint64_t stream_clients = 0;              ///< open now
    std::uint64_t stream_clients_dropped_total = 0;
};

/// HTTP/1.1 on threads of its own: a session per connection, a deadline on every wait, bounds on
/// everything that a stranger can send. Serves an `Api`, and the WebSocket /v1/outcomes if there is
/// a node to stream from.
class Server {
  public:
    class Impl;  ///< in server.cpp, with everything of Beast

    /// `api` and `node` must outlive the server. @param node null: no WebSocket.
    Server(ServerOptions options, const Api& api, NodeService* node);
    /// Stops at once if `stop` was not called.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds and begins to serve. Gives the port; or a sentence that says why it cannot.
    [[nodiscard]] Result<std::uint16_t, std::string> start();

    /// Takes no new connections, closes idle ones, lets requests under way be answered for as long
    /// as `drain`, then closes what is left. Blocks until done. Idempotent.
    void stop(std::chrono::seconds drain);

    [[nodiscard]] ServerCounters counters() const;

  private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace tallystick::node::api
