#include "node/engine/cometbft/unix_rpc_server.hpp"

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <thread>
#include <utility>

namespace tallystick::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;

constexpr std::size_t request_bytes_max = 65536;
constexpr std::size_t connections_max = 16;
constexpr std::chrono::seconds idle_max{120};
constexpr std::chrono::seconds write_max{10};
/// An answer waits for peers; meanwhile another question is answered.
constexpr std::size_t threads = 2;

}  // namespace

class UnixRpcServer::Impl {
  public:
    explicit Impl(Answer answer) : answer_(std::move(answer)) {}
    ~Impl() {
        context_.stop();
        for (auto& thread : threads_)
            if (thread.joinable()) thread.join();
        std::error_code ignored;
        if (!socket_.empty()) std::filesystem::remove(socket_, ignored);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void, std::string> listen(const std::filesystem::path& socket) {
        std::error_code ignored;
        std::filesystem::remove(socket, ignored);
        try {
            const Local::endpoint endpoint{socket.string()};
            acceptor_.open(endpoint.protocol());
            acceptor_.bind(endpoint);
            acceptor_.listen();
        } catch (const boost::system::system_error& error) {
            return Failure{"Could not listen on " + socket.string() + ": " +
                           error.code().message() + "."};
        }
        socket_ = socket;
        asio::co_spawn(context_, accept(), asio::detached);
        for (auto& thread : threads_) thread = std::thread{[this] { context_.run(); }};
        return {};
    }

  private:
    using Stream = beast::basic_stream<Local>;

    asio::awaitable<void> accept() {
        for (;;) {
            beast::error_code error;
            auto socket = co_await acceptor_.async_accept(
                asio::make_strand(context_), asio::redirect_error(asio::use_awaitable, error));
            if (error) co_return;
            if (connections_ >= connections_max) continue;
            ++connections_;
            const auto executor = socket.get_executor();
            asio::co_spawn(executor, serve(Stream{std::move(socket)}),
                           [this](const std::exception_ptr&) { --connections_; });
        }
    }

    asio::awaitable<void> serve(Stream stream) {
        beast::flat_buffer buffer;
        for (bool keep = true; keep;) {
            beast::error_code error;
            http::request_parser<http::string_body> parser;
            parser.body_limit(request_bytes_max);
            stream.expires_after(idle_max);
            co_await http::async_read(stream, buffer, parser,
                                      asio::redirect_error(asio::use_awaitable, error));
            if (error) co_return;
            keep = parser.get().keep_alive();
            http::response<http::string_body> response{http::status::ok, 11};
            response.set(http::field::content_type, "application/json");
            response.keep_alive(keep);
            response.body() = answer_(parser.get().body());
            response.prepare_payload();
            stream.expires_after(write_max);
            co_await http::async_write(stream, response,
                                       asio::redirect_error(asio::use_awaitable, error));
            if (error) co_return;
        }
    }

    Answer answer_;
    asio::io_context context_{static_cast<int>(threads)};
    Local::acceptor acceptor_{context_};
    std::filesystem::path socket_;
    std::atomic<std::size_t> connections_{0};
    std::array<std::thread, threads> threads_;
};

UnixRpcServer::UnixRpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
UnixRpcServer::~UnixRpcServer() = default;

Result<std::unique_ptr<UnixRpcServer>, std::string> UnixRpcServer::open(
    const std::filesystem::path& socket, Answer answer) {
    auto impl = std::make_unique<Impl>(std::move(answer));
    if (auto listening = impl->listen(socket); !listening) return Failure{listening.error()};
    return std::unique_ptr<UnixRpcServer>{new UnixRpcServer{std::move(impl)}};
}

}  // namespace tallystick::node
