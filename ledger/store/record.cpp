#include "ledger/store/record.hpp"

#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

constexpr std::string_view zero{"\0", 1};

Hash check_of(std::string_view table, std::string_view key, std::string_view content) {
    return sha256_of({table, zero, key, zero, content});
}

}  // namespace

void add_number(std::string& bytes, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<char>((number >> shift) & 0xff));
}

void add_small_number(std::string& bytes, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<char>((number >> shift) & 0xff));
}

std::string number_bytes(std::uint64_t number) {
    std::string bytes;
    add_number(bytes, number);
    return bytes;
}

std::string small_number_bytes(std::uint32_t number) {
    std::string bytes;
    add_small_number(bytes, number);
    return bytes;
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
    ensure(bytes.size() >= at + 8, "a number has 8 bytes");
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i)
        number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return number;
}

std::uint32_t small_number_at(std::string_view bytes, std::size_t at) {
    ensure(bytes.size() >= at + 4, "a small number has 4 bytes");
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return number;
}

std::string sealed(std::string_view table, std::string_view key, std::string_view content) {
    std::string record;
    record.reserve(content.size() + record_check_bytes);
    record.append(content);
    return record.append(check_of(table, key, content).text().substr(0, record_check_bytes));
}

std::optional<std::string_view> unsealed(std::string_view table, std::string_view key,
                                         std::string_view record) {
    if (record.size() < record_check_bytes) return std::nullopt;
    const auto content = record.substr(0, record.size() - record_check_bytes);
    const auto check = record.substr(content.size());
    if (check_of(table, key, content).text().substr(0, record_check_bytes) != check)
        return std::nullopt;
    return content;
}

std::string place_of(std::string_view environment, std::string_view table, std::string_view key) {
    std::string place{environment};
    place.append("/").append(table).append(" key ");
    return place.append(to_hex(bytes_of(key)));
}

void fail_damaged(const std::string& place, std::string_view what) {
    throw LmdbFailure{{StoreFault::damaged, place + ": " + std::string{what}}};
}

}  // namespace tallystick::ledger
