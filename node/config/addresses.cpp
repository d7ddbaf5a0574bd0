#include "node/config/addresses.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "protocol/types.hpp"

namespace tallystick::node {
namespace {

constexpr std::size_t id_digits = 2 * ValidatorAddress::size;
constexpr std::size_t host_bytes_max = 253;

bool is_host(std::string_view host) {
    if (host.empty() || host.size() > host_bytes_max) return false;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == ':';
    });
}

}  // namespace

bool is_host_and_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || !is_host(text.substr(0, colon))) return false;
    const auto host = text.substr(0, colon);
    // An IPv6 address without brackets: where would the port begin?
    if (!host.starts_with('[') && host.find(':') != std::string_view::npos) return false;
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, port);
    return read.ec == std::errc{} && read.ptr == end && port != 0;
}

bool is_peer_id(std::string_view text) {
    return text.size() == id_digits && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool is_peer_address(std::string_view text) {
    const auto at = text.find('@');
    return at != std::string_view::npos && is_peer_id(text.substr(0, at)) &&
           is_host_and_port(text.substr(at + 1));
}

}  // namespace tallystick::node
