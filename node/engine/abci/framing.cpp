#include "node/engine/abci/framing.hpp"

#include <algorithm>

namespace tallystick::node::abci {

std::string framing_fault_in_words(FramingFault fault) {
    switch (fault) {
        case FramingFault::bad_length: return "The length of a message is not a number of 64 bits.";
        case FramingFault::too_large:
            return "A message is longer than " + std::to_string(request_bytes_max >> 20) + " MiB.";
    }
    return {};
}

Result<void, FramingFault> Deframer::take_length(std::string_view& bytes) {
    while (!bytes.empty()) {
        const auto byte = static_cast<std::uint8_t>(bytes.front());
        bytes.remove_prefix(1);
        const std::uint64_t bits = byte & 0x7FU;
        // Nine bytes hold 63 bits: a tenth may add one more and must be the last.
        if (length_bits_ == 63 && byte > 1) return Failure{FramingFault::bad_length};
        length_ |= bits << length_bits_;
        length_bits_ += 7;
        if ((byte & 0x80U) != 0) continue;
        if (length_ > message_bytes_max_) return Failure{FramingFault::too_large};
        has_length_ = true;
        break;
    }
    return {};
}

Result<std::optional<std::string>, FramingFault> Deframer::take(std::string_view& bytes) {
    if (!has_length_) {
        if (const auto taken = take_length(bytes); !taken) return Failure{taken.error()};
        if (!has_length_) return std::optional<std::string>{};
    }
    // What is set aside grows with what came, not with what a length promises.
    const auto missing = static_cast<std::size_t>(length_) - message_.size();
    const auto taken = std::min(missing, bytes.size());
    message_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (taken < missing) return std::optional<std::string>{};
    std::optional<std::string> whole{std::move(message_)};
    message_ = {};
    length_ = 0;
    length_bits_ = 0;
    has_length_ = false;
    return whole;
}

void append_length(std::string& stream, std::size_t message_bytes) {
    std::uint64_t rest = message_bytes;
    while (rest >= 0x80U) {
        stream.push_back(static_cast<char>(0x80U | (rest & 0x7FU)));
        rest >>= 7;
    }
    stream.push_back(static_cast<char>(rest));
}

}  // namespace tallystick::node::abci
