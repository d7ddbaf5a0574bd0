#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

/// The types of Beast that server.cpp and websocket.cpp share. Nobody else includes this.
namespace tallystick::node::api {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using HttpRequest = http::request<http::string_body>;
using ErrorCode = boost::system::error_code;

/// Gives errors as values: a client that goes away is no exception.
inline constexpr auto quiet = net::as_tuple(net::use_awaitable);

}  // namespace tallystick::node::api
