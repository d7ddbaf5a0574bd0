#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "node/engine/abci/application.hpp"
#include "protocol/result.hpp"

/// The socket on which the engine asks us.
namespace tallystick::node::abci {

/// Connections at once; the engine has four, and as many again may still be closing after it died.
inline constexpr std::size_t connections_max = 16;
/// Requests of one connection that are read and not yet answered; the engine queues up to 256 and
/// writes on while it waits, so that more are on their way.
inline constexpr std::size_t requests_queued_max = 4096;
/// The bytes of these, and of the answers that a peer has not taken yet. One more message of
/// whatever allowed size may stand on top.
inline constexpr std::size_t queued_bytes_max = std::size_t{64} << 20;

/// Serves one application to one engine over a Unix socket: each message is an unsigned varint with
/// its length, then a `Request` or `Response` in protobuf. Nothing on the wire tells the engine's
/// connections apart, so requests go by their kind alone.
///
/// Each connection is read, worked on and written independently: a reader never waits for the
/// writer of the same or another connection, because the engine burns a core whenever a write of
/// its own to us blocks. Answers have the order of the requests. Flush is answered after everything
/// before it. What cannot be understood, and an exception of the application, is answered with an
/// exception; then the connection ends, once that answer is out.
class Server {
  public:
    /// Why a connection ended: the engine closed it, or what went wrong. Called once for each that
    /// did not end by `stop`, from a thread of the server. Must not call the server.
    using OnClosed = std::function<void(const std::string& why)>;

    /// Listens. The folder of `socket` must exist, belong to this user and be closed to all others
    /// (0700); the socket gets mode 0600. A socket that a killed process left is replaced, one on
    /// which somebody listens is not, nor a file of another kind.
    /// `application` must outlive the server.
    [[nodiscard]] static Result<std::unique_ptr<Server>, std::string> open(
        const std::filesystem::path& socket, Application& application, OnClosed on_closed);

    /// Stops.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Takes no more requests, lets calls that run come to their end, closes every connection and
    /// removes the socket. After it returns nothing of the application is called any more. Stop the
    /// engine first: to it a closed connection is a reason to stop. Any thread, but not from inside
    /// a call of the application; again has no effect.
    void stop();

    /// Connections that are open now. Any thread.
    [[nodiscard]] std::size_t connections() const;

  private:
    class Implementation;
    explicit Server(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace tallystick::node::abci
