#include "wallet/core/http.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/version.hpp>
#include <charconv>
#include <exception>
#include <optional>

#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

template <class Stream>
asio::awaitable<HttpResponse> exchange(Stream& stream, const Url& url, const HttpRequest& request) {
    http::request<http::string_body> message;
    message.method_string(request.method);
    message.target(url.base + request.target);
    message.version(11);
    message.set(http::field::host, url.host + ":" + url.port);
    message.set(http::field::user_agent, "tally");
    message.set(http::field::accept, request.accept);
    message.set(http::field::connection, "close");
    if (!request.content_type.empty()) message.set(http::field::content_type, request.content_type);
    message.body() = request.body;
    message.prepare_payload();
    co_await http::async_write(stream, message, asio::use_awaitable);

    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(response_bytes_max);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    HttpResponse response;
    response.status = parser.get().result_int();
    response.content_type = std::string{parser.get()[http::field::content_type]};
    const auto wait = parser.get()[http::field::retry_after];
    std::from_chars(wait.data(), wait.data() + wait.size(), response.retry_after_seconds);
    response.body = std::move(parser.get().body());
    co_return response;
}

asio::awaitable<HttpResponse> run(const Url& url, const HttpRequest& request,
                                  Clock::time_point deadline, Tcp::resolver& resolver) {
    const auto places = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
    const auto executor = co_await asio::this_coro::executor;
    if (!url.tls) {
        beast::tcp_stream stream{executor};
        stream.expires_at(deadline);
        co_await stream.async_connect(places, asio::use_awaitable);
        co_return co_await exchange(stream, url, request);
    }
    asio::ssl::context tls{asio::ssl::context::tls_client};
    tls.set_default_verify_paths();
    tls.set_verify_mode(asio::ssl::verify_peer);
    beast::ssl_stream<beast::tcp_stream> stream{executor, tls};
    stream.set_verify_callback(asio::ssl::host_name_verification{url.host});
    auto server_name = url.host;
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             server_name.data());
    beast::get_lowest_layer(stream).expires_at(deadline);
    co_await beast::get_lowest_layer(stream).async_connect(places, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_return co_await exchange(stream, url, request);
}

}  // namespace

Try<Url> url_from_text(std::string_view text) {
    const auto bad = [&] {
        return problem(Exit::usage, "bad_url",
                       "\"" + shown(text) +
                           "\" is not a node's address. Write it like http://127.0.0.1:7710 or "
                           "https://ledger.example.org.");
    };
    Url url;
    if (text.starts_with("https://")) {
        url.tls = true;
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        text.remove_prefix(7);
    } else {
        return bad();
    }
    const auto slash = std::min(text.find('/'), text.size());
    auto place = text.substr(0, slash);
    auto base = text.substr(slash);
    while (base.ends_with('/')) base.remove_suffix(1);
    url.base = base;
    const auto bracket = place.starts_with('[') ? place.find(']') : std::string_view::npos;
    const auto colon = place.find(':', bracket == std::string_view::npos ? 0 : bracket);
    url.port = colon == std::string_view::npos ? (url.tls ? "443" : "80")
                                               : std::string{place.substr(colon + 1)};
    url.host = place.substr(0, colon);
    if (bracket != std::string_view::npos) url.host = place.substr(1, bracket - 1);
    const auto port = number_from_text(url.port, 65535);
    constexpr std::string_view ok =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
    constexpr std::string_view base_ok =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/~%";
    if (url.host.empty() || !port || *port == 0 ||
        url.host.find_first_not_of(ok) != std::string::npos ||
        url.base.find_first_not_of(base_ok) != std::string::npos) {
        return bad();
    }
    return url;
}

Try<HttpResponse> send_request(const Url& url, const HttpRequest& request,
                               std::chrono::milliseconds deadline) {
    const auto no_node = [&](std::string_view why) {
        return problem(Exit::no_node, "no_node",
                       "No answer from the node at " + shown(url.host) + ":" + url.port + " (" +
                           shown(why) + "). Is it running, and is this its address?");
    };
    try {
        asio::io_context context{1};
        Tcp::resolver resolver{context};
        const auto until = Clock::now() + deadline;
        asio::steady_timer timer{context, until};
        timer.async_wait([&](beast::error_code error) {
            if (!error) resolver.cancel();
        });
        std::optional<HttpResponse> response;
        std::exception_ptr failure;
        asio::co_spawn(context, run(url, request, until, resolver),
                       [&](std::exception_ptr error, HttpResponse answer) {
                           failure = error;
                           if (!error) response = std::move(answer);
                           timer.cancel();
                       });
        context.run();
        if (failure) std::rethrow_exception(failure);
        if (!response) return no_node("it closed the connection");
        return std::move(*response);
    } catch (const boost::system::system_error& error) {
        return no_node(error.code().message());
    }
}

std::string url_encoded(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (plain.find(c) != std::string_view::npos) {
            encoded.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += {'%', hex[byte >> 4U], hex[byte & 15U]};
    }
    return encoded;
}

}  // namespace tallystick::wallet
