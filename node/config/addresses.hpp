#pragma once

#include <string_view>

/// How nodes are told where other nodes are.
namespace tallystick::node {

/// `HOST:PORT`: a name, an IPv4 address or an IPv6 address in brackets; a port from 1.
[[nodiscard]] bool is_host_and_port(std::string_view text);

/// 40 lower-case hexadecimal digits: the address of a node's key.
[[nodiscard]] bool is_peer_id(std::string_view text);

/// `ID@HOST:PORT` of the two above.
[[nodiscard]] bool is_peer_address(std::string_view text);

}  // namespace tallystick::node
