#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Writes the Protobuf wire format by hand, for what is hashed and signed as CometBFT encodes it:
/// its encoder always emits embedded messages that ours would leave out.
namespace tallystick::wire {

/// Base-128 varint; a negative number must be cast to its two's complement first.
void put_varint(std::string& out, std::uint64_t number);

/// Field with a varint; nothing for 0, as proto3 has it.
void put_number(std::string& out, std::uint32_t field, std::uint64_t number);
/// The same for int64: negative numbers take ten bytes.
void put_signed(std::string& out, std::uint32_t field, std::int64_t number);

/// Field with sfixed64; nothing for 0.
void put_fixed(std::string& out, std::uint32_t field, std::int64_t number);

/// Field with bytes or text; nothing if empty.
void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes);

/// Field with an embedded message or repeated bytes: always written, even if empty.
void put_message(std::string& out, std::uint32_t field, std::string_view encoded);

}  // namespace tallystick::wire
