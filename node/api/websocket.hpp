#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "node/api/session_types.hpp"
#include "node/node_service.hpp"

namespace tallystick::node::api {

struct StreamOptions {
    std::uint64_t clients_max = 256;
    std::uint64_t queue_max = 256;  ///< frames that wait for one client
    std::chrono::seconds write{30};
};

/// Clients of the WebSocket /v1/outcomes. Each has a bounded queue that the node's thread fills; a
/// client that lets it run over is closed with a reason. Any thread.
class Streams : public std::enable_shared_from_this<Streams> {
  public:
    Streams(NodeService& node, StreamOptions options) : node_(node), options_(options) {}

    /// Is there room for one more?
    [[nodiscard]] bool take();
    void give_back() { --clients_; }
    /// Closes every client with `stopping`.
    void stop() { stopping_ = true; }

    /// Speaks with one client until it goes, after `take`.
    /// @param upgrade the client's request, whose parameters were checked by `stream_fault`.
    [[nodiscard]] net::awaitable<void> run(beast::tcp_stream stream, HttpRequest upgrade);

    [[nodiscard]] std::uint64_t clients() const noexcept { return clients_; }
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

  private:
    friend class StreamClient;
    NodeService& node_;
    StreamOptions options_;
    std::atomic<std::uint64_t> clients_{0};
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<bool> stopping_{false};
};

}  // namespace tallystick::node::api
