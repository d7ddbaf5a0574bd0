#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

/// How messages follow each other on a stream: the length of each as an unsigned varint (7 bits a
/// byte, the lowest first, the top bit set on all bytes but the last), then its bytes.
namespace tallystick::node::abci {

/// A request may have this many bytes and no more. A block has at most 4 MiB, a chunk of a snapshot
/// too; nothing that an engine of ours asks comes near.
inline constexpr std::size_t request_bytes_max = std::size_t{64} << 20;

/// Why a stream cannot be read on.
enum class FramingFault {
    bad_length,  ///< a length that is no number of 64 bits
    too_large    ///< a message longer than is allowed
};

/// A sentence for people.
[[nodiscard]] std::string framing_fault_in_words(FramingFault fault);

/// Cuts a stream into messages as its bytes arrive. Holds one message at most, and never more
/// memory than twice the bytes that have come of it. After a fault it must not be used again.
class Deframer {
  public:
    /// Messages of up to `message_bytes_max` bytes.
    explicit Deframer(std::size_t message_bytes_max = request_bytes_max)
        : message_bytes_max_(message_bytes_max) {}

    /// Takes bytes off the front of `bytes` up to the end of the message at hand, and gives that
    /// message if it is now whole; nothing if all bytes were taken and more are needed.
    /// Faults: bad_length, too_large.
    [[nodiscard]] Result<std::optional<std::string>, FramingFault> take(std::string_view& bytes);

    /// Whether the stream stands between two messages: the only place where it may end.
    [[nodiscard]] bool between_messages() const noexcept {
        return !has_length_ && length_bits_ == 0;
    }

  private:
    [[nodiscard]] Result<void, FramingFault> take_length(std::string_view& bytes);

    std::size_t message_bytes_max_;
    std::uint64_t length_ = 0;
    unsigned length_bits_ = 0;  ///< how many bits of the length have come
    bool has_length_ = false;
    std::string message_;
};

/// Appends the length of a message that is `message_bytes` long.
void append_length(std::string& stream, std::size_t message_bytes);

}  // namespace tallystick::node::abci
