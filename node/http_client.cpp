#include "node/http_client.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <exception>
#include <optional>

#include "node/config/addresses.hpp"

namespace tallystick::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

struct Question {
    ApiUrl url;
    std::string target;
    std::string accept;
    std::size_t bytes_max = 0;
    Clock::time_point until;
};

template <class Stream>
asio::awaitable<ApiAnswer> exchange(Stream& stream, const Question& question) {
    http::request<http::empty_body> request{http::verb::get, question.url.base + question.target,
                                            11};
    request.set(http::field::host, question.url.host + ":" + question.url.port);
    request.set(http::field::user_agent, "tallyd");
    request.set(http::field::accept, question.accept);
    request.set(http::field::connection, "close");
    co_await http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(question.bytes_max);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    co_return ApiAnswer{parser.get().result_int(), std::move(parser.get().body())};
}

asio::awaitable<ApiAnswer> ask(const Question& question, Tcp::resolver& resolver) {
    const auto places =
        co_await resolver.async_resolve(question.url.host, question.url.port, asio::use_awaitable);
    const auto executor = co_await asio::this_coro::executor;
    if (!question.url.tls) {
        beast::tcp_stream stream{executor};
        stream.expires_at(question.until);
        co_await stream.async_connect(places, asio::use_awaitable);
        co_return co_await exchange(stream, question);
    }
    asio::ssl::context tls{asio::ssl::context::tls_client};
    tls.set_default_verify_paths();
    tls.set_verify_mode(asio::ssl::verify_peer);
    beast::ssl_stream<beast::tcp_stream> stream{executor, tls};
    stream.set_verify_callback(asio::ssl::host_name_verification{question.url.host});
    auto server_name = question.url.host;
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             server_name.data());
    beast::get_lowest_layer(stream).expires_at(question.until);
    co_await beast::get_lowest_layer(stream).async_connect(places, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_return co_await exchange(stream, question);
}

}  // namespace

Result<ApiUrl, std::string> api_url_from(std::string_view text) {
    const Failure bad{
        std::string{"an address of a node's API, such as "
                    "\"https://ledger.norfolk.example\" or "
                    "\"http://192.0.2.7:7710\""}};
    ApiUrl url;
    if (text.starts_with("https://")) {
        url.tls = true;
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        text.remove_prefix(7);
    } else {
        return bad;
    }
    const auto slash = std::min(text.find('/'), text.size());
    std::string place{text.substr(0, slash)};
    auto base = text.substr(slash);
    while (base.ends_with('/')) base.remove_suffix(1);
    constexpr std::string_view base_characters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/~%";
    if (base.find_first_not_of(base_characters) != std::string_view::npos) return bad;
    url.base = base;
    const bool has_port =
        place.find(':', place.find(']') == std::string::npos ? 0 : place.find(']')) !=
        std::string::npos;
    if (!has_port) place += url.tls ? ":443" : ":80";
    if (!is_host_and_port(place)) return bad;
    const auto colon = place.rfind(':');
    url.port = place.substr(colon + 1);
    url.host = place.substr(0, colon);
    if (url.host.starts_with('[')) url.host = url.host.substr(1, url.host.size() - 2);
    return url;
}

Result<ApiAnswer, std::string> get_from_api(const ApiUrl& url, const std::string& target,
                                            std::string_view accept, std::size_t bytes_max,
                                            std::chrono::milliseconds limit) {
    const auto no_answer = [&](const std::string& why) {
        return Failure{"No answer from " + url.host + ":" + url.port + " (" + why + ")."};
    };
    try {
        asio::io_context context{1};
        Tcp::resolver resolver{context};
        const Question question{url, target, std::string{accept}, bytes_max, Clock::now() + limit};
        asio::steady_timer timer{context, question.until};
        timer.async_wait([&](beast::error_code error) {
            if (!error) resolver.cancel();
        });
        std::optional<ApiAnswer> answer;
        std::exception_ptr failure;
        asio::co_spawn(context, ask(question, resolver),
                       [&](std::exception_ptr error, ApiAnswer got) {
                           failure = error;
                           if (!error) answer = std::move(got);
                           timer.cancel();
                       });
        context.run();
        if (failure) std::rethrow_exception(failure);
        if (!answer) return no_answer("it closed the connection");
        return std::move(*answer);
    } catch (const boost::system::system_error& error) {
        return no_answer(error.code().message());
    }
}

}  // namespace tallystick::node
