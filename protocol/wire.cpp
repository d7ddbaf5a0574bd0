#include "protocol/wire.hpp"

namespace tallystick::wire {

namespace {

constexpr std::uint32_t varint_type = 0;
constexpr std::uint32_t fixed64_type = 1;
constexpr std::uint32_t bytes_type = 2;

void put_tag(std::string& out, std::uint32_t field, std::uint32_t type) {
    put_varint(out, (std::uint64_t{field} << 3) | type);
}

}  // namespace

void put_varint(std::string& out, std::uint64_t number) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(number | 0x80)));
        number >>= 7;
    }
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(number)));
}

void put_number(std::string& out, std::uint32_t field, std::uint64_t number) {
    if (number == 0) return;
    put_tag(out, field, varint_type);
    put_varint(out, number);
}

void put_signed(std::string& out, std::uint32_t field, std::int64_t number) {
    put_number(out, field, static_cast<std::uint64_t>(number));
}

void put_fixed(std::string& out, std::uint32_t field, std::int64_t number) {
    if (number == 0) return;
    put_tag(out, field, fixed64_type);
    auto rest = static_cast<std::uint64_t>(number);
    for (int i = 0; i < 8; ++i) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(rest)));
        rest >>= 8;
    }
}

void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
    if (!bytes.empty()) put_message(out, field, bytes);
}

void put_message(std::string& out, std::uint32_t field, std::string_view encoded) {
    put_tag(out, field, bytes_type);
    put_varint(out, encoded.size());
    out.append(encoded);
}

}  // namespace tallystick::wire
