#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace tallystick::node {

/// HTTP on a Unix socket for this machine's own engine: POST with a request of JSON-RPC, answered
/// with JSON. Few connections, small requests, threads of its own.
class UnixRpcServer {
  public:
    /// Gives the answer to a request; may take its time. Any thread, several at once.
    using Answer = std::function<std::string(std::string_view request)>;

    /// Listens, in the place of whatever socket is there. The error is a sentence.
    [[nodiscard]] static Result<std::unique_ptr<UnixRpcServer>, std::string> open(
        const std::filesystem::path& socket, Answer answer);
    /// Closes everything and takes the socket away; waits for answers that are being made.
    ~UnixRpcServer();
    UnixRpcServer(const UnixRpcServer&) = delete;
    UnixRpcServer& operator=(const UnixRpcServer&) = delete;

  private:
    class Impl;
    explicit UnixRpcServer(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace tallystick::node
