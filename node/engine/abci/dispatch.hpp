#pragma once

#include <string>
#include <string_view>

#include "node/engine/abci/application.hpp"

/// From the bytes of a request to the bytes of its answer.
namespace tallystick::node::abci {

/// An answer as it goes onto the stream.
struct Reply {
    std::string bytes;  ///< length and message
    /// The sentence of the exception, if it is one: after it the connection ends. Else empty.
    std::string exception;
};

/// Decodes one request (without its length), asks the application by its kind, and encodes the
/// answer. An exception answers, in this order: bytes that are no request, a request of no known
/// kind, a call that this node does not offer (vote extensions, the application's own mempool), and
/// what the application answers so.
/// What the application throws is not caught: what it holds in memory could not be trusted any
/// more.
[[nodiscard]] Reply reply_to(std::string_view request, Application& application);

/// An exception that says this sentence, which must not be empty.
[[nodiscard]] Reply exception_reply(std::string sentence);

}  // namespace tallystick::node::abci
