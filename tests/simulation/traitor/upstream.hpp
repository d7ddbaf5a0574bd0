#pragma once

#include <filesystem>
#include <string>

#include "node/engine/abci/messages.hpp"
#include "protocol/result.hpp"

namespace tallystick::traitor {

/// Asks an honest node what an engine would ask it, over its socket. A thread that asks has a
/// connection of its own for as long as it lives: the threads of a server are those of the engine's
/// connections, so that the honest node sees its engine come and go.
class Upstream {
  public:
    explicit Upstream(std::filesystem::path socket) : socket_(std::move(socket)) {}

    /// The answer to one request. The error is the exception's sentence, or that the node has gone.
    [[nodiscard]] Result<abci_pb::Response, std::string> ask(const abci_pb::Request& request);

  private:
    std::filesystem::path socket_;
};

}  // namespace tallystick::traitor
