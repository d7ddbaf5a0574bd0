#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/pb.hpp"

namespace tallystick {

/// The canonical bytes of a message: Protobuf's deterministic serialisation without unknown fields.
[[nodiscard]] std::string canonical_bytes(const google::protobuf::Message& message);

/// Decodes `bytes` into `message` if they are canonical: decode, discard unknown fields, re-encode,
/// compare; and no enum holds a value that is not listed. On false the message's content is
/// unspecified. Any thread. What Protobuf would print about bytes that strangers send is silenced
/// for the whole process at the first call.
/// @pre `message` is one of protocol/proto.
[[nodiscard]] bool decode_canonical(std::string_view bytes, google::protobuf::Message& message);

/// The same, giving the message.
template <class Message>
[[nodiscard]] std::optional<Message> decode_canonical_as(std::string_view bytes) {
    Message message;
    if (!decode_canonical(bytes, message)) return std::nullopt;
    return message;
}

}  // namespace tallystick
