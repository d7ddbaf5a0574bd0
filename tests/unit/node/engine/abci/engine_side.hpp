#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "node/engine/abci/framing.hpp"
#include "node/engine/abci/messages.hpp"

/// The other end of the socket: what an engine does, and what it should not.
namespace tallystick::node::abci::test {

/// A folder that only its owner can enter, and that goes when it goes.
class PrivateFolder {
  public:
    PrivateFolder();
    ~PrivateFolder();
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    [[nodiscard]] std::filesystem::path socket() const { return path / "abci.sock"; }

    std::filesystem::path path;
};

/// One connection. Every wait ends after half a minute at the latest, with a failure.
class EngineSide {
  public:
    explicit EngineSide(const std::filesystem::path& socket);
    ~EngineSide();
    EngineSide(EngineSide&& other) noexcept;
    EngineSide& operator=(EngineSide&&) = delete;

    /// All of them, waiting for room. False if the other end has closed.
    bool send(std::string_view bytes);
    /// Waits up to so long for room; gives how many were taken.
    [[nodiscard]] std::size_t send_some(std::string_view bytes, int milliseconds_max);
    void send(const abci_pb::Request& request);
    /// The next answer, or nothing once the other end has closed.
    [[nodiscard]] std::optional<abci_pb::Response> receive();
    /// A request and a flush, as the engine makes a synchronous call. @pre nothing is outstanding.
    [[nodiscard]] std::optional<abci_pb::Response> call(const abci_pb::Request& request);
    /// No more requests come; answers are still read.
    void close_for_writing();
    void close();

  private:
    int fd_;
    Deframer deframer_;
    std::string unread_;
};

/// A message with its length.
[[nodiscard]] std::string framed(const abci_pb::Request& request);

[[nodiscard]] abci_pb::Request echo(const std::string& message);
[[nodiscard]] abci_pb::Request flush();
[[nodiscard]] abci_pb::Request check_tx(const std::string& tx);
[[nodiscard]] abci_pb::Request info(const std::string& version);
[[nodiscard]] abci_pb::Request finalize(std::int64_t height);
[[nodiscard]] abci_pb::Request commit();

}  // namespace tallystick::node::abci::test
