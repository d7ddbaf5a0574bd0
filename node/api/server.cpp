#include "node/api/server.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "node/api/limits.hpp"
#include "node/api/problem.hpp"
#include "node/api/session_types.hpp"
#include "node/api/stream_filter.hpp"
#include "node/api/target.hpp"
#include "node/api/websocket.hpp"
#include "node/log.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::node::api {

namespace {

using tcp = net::ip::tcp;
using Parser = http::request_parser<http::string_body>;

constexpr std::string_view stream_path = "/v1/outcomes";
constexpr std::chrono::milliseconds linger_max{2000};
constexpr std::size_t linger_bytes_max = 1048576;

Method method_of(http::verb verb) {
    if (verb == http::verb::get || verb == http::verb::head) return Method::get;
    return verb == http::verb::post ? Method::post : Method::other;
}

std::string_view cache_control(Caching caching) {
    switch (caching) {
        case Caching::never: return "no-store";
        case Caching::revalidate: return "no-cache";
        case Caching::for_ever: return "public, max-age=31536000, immutable";
    }
    return "no-store";
}

std::string_view view_of(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

/// What a read error means to the client; nothing when there is nobody to tell.
std::optional<Response> problem_of_read(const ErrorCode& error) {
    if (error == http::error::body_limit)
        return problem(Code::body_too_large, "The body is over the limit of this address.");
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return problem(Code::headers_too_large, "At most 16 KiB of request line and headers.");
    if (error == beast::error::timeout)
        return problem(Code::request_timeout, "Send the whole request at once.");
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error.category() != http::make_error_code(http::error::bad_method).category())
        return std::nullopt;
    return problem(Code::bad_request, "This is no HTTP/1.1: " + error.message() + ".");
}

}  // namespace

ServerOptions options_from(const ApiConfig& config) {
    ServerOptions options;
    options.listen = endpoint_from(config.listen).value_or(Endpoint{"127.0.0.1", 0});
    options.threads = static_cast<unsigned>(config.threads);
    options.connections_max = config.connections_max;
    options.connections_per_address_max = config.connections_per_address_max;
    options.requests_per_second = config.requests_per_second;
    options.requests_burst = config.requests_burst;
    options.request = std::chrono::seconds{config.request_seconds_max};
    options.idle = std::chrono::seconds{config.idle_seconds_max};
    options.write = std::chrono::seconds{config.write_seconds_max};
    options.trusted_proxies = config.trusted_proxies;
    options.stream_clients_max = config.stream_clients_max;
    options.stream_queue_max = config.stream_queue_max;
    return options;
}

class Session;

class Server::Impl : public std::enable_shared_from_this<Server::Impl> {
  public:
    Impl(ServerOptions given, const Api& its_api, NodeService* node)
        : options(std::move(given)),
          api(its_api),
          limits({options.connections_max, options.connections_per_address_max}),
          rate({options.requests_per_second, options.requests_burst}) {
        if (node != nullptr)
            streams = std::make_shared<Streams>(
                *node,
                StreamOptions{options.stream_clients_max, options.stream_queue_max, options.write});
        std::string salt = random_string(4);
        id_prefix = to_hex(bytes_of(salt)) + '-';
    }

    Result<std::uint16_t, std::string> start();
    void stop(std::chrono::seconds drain);
    net::awaitable<void> accept();

    std::string next_id() { return id_prefix + std::to_string(++request_count); }
    void enter(Session* session);
    void leave(Session* session);

    ServerOptions options;
    const Api& api;
    ConnectionLimits limits;
    RateLimit rate;
    std::shared_ptr<Streams> streams;
    std::string id_prefix;
    std::atomic<std::uint64_t> request_count{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> limited{0};
    std::atomic<bool> stopping{false};

    std::mutex mutex;
    std::condition_variable emptied;
    std::set<Session*> sessions;

    std::array<std::atomic<std::uint64_t>, 6> answers{};
    std::atomic<std::uint64_t> answer_microseconds{0};

    /// Shared with replies on their way: whoever posts to it keeps it alive meanwhile.
    std::shared_ptr<net::io_context> context = std::make_shared<net::io_context>();
    std::optional<tcp::acceptor> acceptor;
    std::vector<std::thread> threads;
};

/// One connection. Lives as long as its coroutine; everything but construction runs on its strand.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(std::shared_ptr<Server::Impl> server, tcp::socket socket, std::string address)
        : server_(std::move(server)), stream_(std::move(socket)), address_(std::move(address)) {
        server_->enter(this);
    }
    ~Session() {
        server_->leave(this);
        server_->limits.give_back(counted_as(address_));
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    net::awaitable<void> run() {
        while (co_await serve_one()) {
        }
        if (moved_) co_return;
        ErrorCode ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    }

    /// The server stops: a connection between requests has nothing to wait for.
    void stop() {
        net::post(stream_.get_executor(), [weak = weak_from_this()] {
            const auto session = weak.lock();
            if (session && session->idle_) session->stream_.cancel();
        });
    }

  private:
    /// One request and its answer. False: the connection ends.
    net::awaitable<bool> serve_one() {
        if (!co_await wait_for_request()) co_return false;

        // One deadline for the whole request: a slow loris cannot win time byte by byte.
        stream_.expires_after(server_->options.request);
        Parser parser;
        parser.header_limit(header_bytes_max);
        parser.body_limit(submit_bytes_max);
        auto error = co_await read_header(parser);
        if (error) co_return co_await fail(error);

        if (beast::websocket::is_upgrade(parser.get()) &&
            split_target(view_of(parser.get().target())).path == stream_path && server_->streams)
            co_return co_await upgrade(parser);

        const auto target = std::string{view_of(parser.get().target())};
        const auto method = method_of(parser.get().method());
        head_ = parser.get().method() == http::verb::head;
        if (!server_->rate.take(counted_as(client_address(parser.get())),
                                std::chrono::steady_clock::now())) {
            ++server_->limited;
            co_return co_await refuse(problem(Code::too_many_requests, "Slow down."),
                                      parser.is_done() && parser.keep_alive());
        }
        const auto body_max = server_->api.body_bytes_max_of(method, target);
        if (parser.content_length().value_or(0) > body_max)
            co_return co_await fail(http::make_error_code(http::error::body_limit));
        parser.body_limit(body_max);
        if (!co_await say_continue(parser)) co_return false;
        error = co_await read_body(parser);
        if (error) co_return co_await fail(error);

        const bool keep_alive = parser.keep_alive();
        const unsigned version = parser.get().version();
        auto request = take_request(parser.release(), method);
        const auto began = std::chrono::steady_clock::now();
        auto response = co_await answer(std::move(request), target);
        note(response, method, target, std::chrono::steady_clock::now() - began);
        co_return co_await write(std::move(response), version, keep_alive);
    }

    net::awaitable<bool> wait_for_request() {
        if (server_->stopping) co_return false;
        if (buffer_.size() > 0) co_return true;
        idle_ = true;
        stream_.expires_after(server_->options.idle);
        const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(4096), quiet);
        idle_ = false;
        buffer_.commit(size);
        co_return !error;
    }

    net::awaitable<ErrorCode> read_header(Parser& parser) {
        const auto [error, size] =
            co_await http::async_read_header(stream_, buffer_, parser, quiet);
        co_return error;
    }

    net::awaitable<ErrorCode> read_body(Parser& parser) {
        if (parser.is_done()) co_return ErrorCode{};
        const auto [error, size] = co_await http::async_read(stream_, buffer_, parser, quiet);
        co_return error;
    }

    net::awaitable<bool> say_continue(Parser& parser) {
        if (!beast::iequals(parser.get()[http::field::expect], "100-continue")) co_return true;
        http::response<http::empty_body> go{http::status::continue_, parser.get().version()};
        const auto [error, size] = co_await http::async_write(stream_, go, quiet);
        co_return !error;
    }

    /// Whose requests are counted: the peer, or whom a trusted proxy names.
    std::string client_address(const HttpRequest& request) const {
        const auto& proxies = server_->options.trusted_proxies;
        if (std::ranges::find(proxies, address_) == proxies.end()) return address_;
        auto forwarded = view_of(request["X-Forwarded-For"]);
        // Only the last address was written by the proxy; those before came from the client.
        if (const auto comma = forwarded.rfind(','); comma != std::string_view::npos)
            forwarded.remove_prefix(comma + 1);
        while (forwarded.starts_with(' ')) forwarded.remove_prefix(1);
        ErrorCode error;
        const auto parsed = net::ip::make_address(std::string{forwarded}, error);
        return error ? address_ : parsed.to_string();
    }

    Request take_request(HttpRequest message, Method method) {
        Request request;
        request.method = method;
        request.content_type = media_type(view_of(message[http::field::content_type]));
        request.accept = std::string{view_of(message[http::field::accept])};
        request.if_none_match = std::string{view_of(message[http::field::if_none_match])};
        request.address = client_address(message);
        request.id = server_->next_id();
        request_id_ = request.id;
        request.body = std::move(message.body());
        return request;
    }

    /// An answer that arrives later, from any thread.
    struct Waiting {
        explicit Waiting(const net::any_io_executor& executor) : timer(executor) {}
        net::steady_timer timer;
        std::optional<Build> build;
    };

    net::awaitable<Response> answer(Request request, const std::string& target) {
        stream_.expires_never();
        // The session owns what is waited for: a reply that comes when the connection is gone, or
        // the server, finds nothing and does nothing.
        const auto waiting = std::make_shared<Waiting>(stream_.get_executor());
        const std::weak_ptr<Waiting> weak = waiting;
        const std::weak_ptr<net::io_context> weak_context = server_->context;
        const Reply reply = [weak, weak_context](Build build) {
            const auto context = weak_context.lock();
            const auto here = weak.lock();  // after, so that it goes before the context
            if (!context || !here) return;
            net::post(here->timer.get_executor(), [weak, build = std::move(build)] {
                const auto waited = weak.lock();
                if (!waited || waited->build) return;
                waited->build = build;
                waited->timer.cancel();
            });
        };
        const Late late = server_->api.handle(std::move(request), target, reply);
        waiting->timer.expires_after(late.after);
        (void)co_await waiting->timer.async_wait(quiet);
        if (!waiting->build) waiting->build = late.build;  // a reply after this finds it taken
        co_return (*waiting->build)();
    }

    /// Counts and logs an answer. The target is a stranger's text: it is cut short.
    void note(const Response& response, Method method, const std::string& target,
              std::chrono::steady_clock::duration took) {
        const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
        ++server_->answers.at(response.status / 100);
        server_->answer_microseconds += static_cast<std::uint64_t>(micros);
        log_event(response.status >= 500 ? LogLevel::warning : LogLevel::debug, "answered",
                  {{"request_id", request_id_},
                   {"method", method == Method::post ? "POST" : "GET"},
                   {"target", target.substr(0, 200)},
                   {"status", std::to_string(response.status)},
                   {"microseconds", std::to_string(micros)}});
    }

    net::awaitable<bool> upgrade(Parser& parser) {
        const auto target = std::string{view_of(parser.get().target())};
        Request request;
        const auto query = parse_query(split_target(target).query);
        std::optional<Response> fault;
        if (query) {
            request.query = *query;
            (void)stream_filter(request, fault);
        } else {
            fault = problem(Code::bad_request, "The query holds a broken % escape.");
        }
        if (!fault && !server_->streams->take())
            fault = problem(Code::too_many_connections, "Too many listen already. Try later.");
        if (fault) co_return co_await refuse(std::move(*fault), false);
        stream_.expires_never();  // from here on the WebSocket keeps its own deadlines
        moved_ = true;
        auto message = parser.release();
        co_await server_->streams->run(std::move(stream_), std::move(message));
        co_return false;
    }

    net::awaitable<bool> fail(ErrorCode error) {
        auto response = problem_of_read(error);
        if (!response) co_return false;
        co_return co_await refuse(std::move(*response), false);
    }

    /// Answers without asking the Api; what the client still sends is thrown away.
    net::awaitable<bool> refuse(Response response, bool keep_alive) {
        request_id_ = server_->next_id();
        name_request(response, request_id_);
        const bool goes_on = co_await write(std::move(response), 11, keep_alive);
        if (!goes_on) co_await linger();
        co_return goes_on;
    }

    /// Closing with unread input would reset the connection before the client has read the answer.
    net::awaitable<void> linger() {
        ErrorCode ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        stream_.expires_after(linger_max);
        std::size_t seen = 0;
        while (seen < linger_bytes_max) {
            buffer_.clear();
            const auto [error, size] =
                co_await stream_.async_read_some(buffer_.prepare(16384), quiet);
            if (error) break;
            seen += size;
        }
    }

    net::awaitable<bool> write(Response response, unsigned version, bool keep_alive) {
        keep_alive = keep_alive && !server_->stopping;
        http::response<http::string_body> message{static_cast<http::status>(response.status),
                                                  version};
        message.set(http::field::server, "tallyd");
        message.set("X-Request-Id", request_id_);
        message.set("X-Content-Type-Options", "nosniff");
        message.set(http::field::cache_control, std::string{cache_control(response.caching)});
        if (!response.etag.empty()) message.set(http::field::etag, response.etag);
        if (!response.allow.empty()) message.set(http::field::allow, response.allow);
        if (response.retry_after_seconds)
            message.set(http::field::retry_after, std::to_string(*response.retry_after_seconds));
        if (response.as_of) {
            message.set("Tallystick-Height", std::to_string(response.as_of->height));
            message.set("Tallystick-Time", std::to_string(response.as_of->time));
        }
        if (response.status == 426) message.set(http::field::upgrade, "websocket");
        message.keep_alive(keep_alive);
        const auto length = response.body.size();
        if (response.status != 304) {
            message.set(http::field::content_type, std::string{response.content_type});
            message.content_length(length);
        }
        if (!head_) message.body() = std::move(response.body);
        head_ = false;

        stream_.expires_after(server_->options.write);
        const auto [error, size] = co_await http::async_write(stream_, message, quiet);
        co_return !error && keep_alive;
    }

    std::shared_ptr<Server::Impl> server_;
    beast::tcp_stream stream_;
    std::string address_;
    beast::flat_buffer buffer_{header_bytes_max + submit_bytes_max};
    std::string request_id_;
    bool idle_ = false;
    bool head_ = false;
    bool moved_ = false;  ///< the socket belongs to a WebSocket now
};

namespace {

net::awaitable<void> run_session(std::shared_ptr<Session> session) {
    co_await session->run();
}

/// One short answer for a connection that there is no room for.
net::awaitable<void> turn_away(tcp::socket socket) {
    static constexpr std::string_view body =
        R"({"type":"urn:tallystick:problem:too_many_connections","title":"Too many connections",)"
        R"("status":503,"code":"too_many_connections"})";
    const std::string text =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
        "Retry-After: 1\r\nConnection: close\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
    beast::tcp_stream stream{std::move(socket)};
    stream.expires_after(std::chrono::seconds{1});
    (void)co_await net::async_write(stream, net::buffer(text), quiet);
    ErrorCode ignored;
    stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace

void Server::Impl::enter(Session* session) {
    const std::lock_guard lock{mutex};
    sessions.insert(session);
}

void Server::Impl::leave(Session* session) {
    const std::lock_guard lock{mutex};
    sessions.erase(session);
    if (sessions.empty()) emptied.notify_all();
}

Result<std::uint16_t, std::string> Server::Impl::start() {
    ErrorCode error;
    const auto address = net::ip::make_address(options.listen.address, error);
    const tcp::endpoint endpoint{address, options.listen.port};
    acceptor.emplace(net::make_strand(*context));
    if (!error) acceptor->open(endpoint.protocol(), error);
    if (!error) acceptor->set_option(tcp::acceptor::reuse_address{true}, error);
    if (!error) acceptor->bind(endpoint, error);
    if (!error) acceptor->listen(net::socket_base::max_listen_connections, error);
    if (error)
        return Failure{"cannot listen on " + options.listen.address + " port " +
                       std::to_string(options.listen.port) + ": " + error.message()};
    const auto port = acceptor->local_endpoint().port();
    net::co_spawn(acceptor->get_executor(), accept(), net::detached);
    for (unsigned i = 0; i < options.threads; ++i) threads.emplace_back([this] { context->run(); });
    return port;
}

net::awaitable<void> Server::Impl::accept() {
    while (!stopping) {
        auto [error, socket] = co_await acceptor->async_accept(net::make_strand(*context), quiet);
        if (stopping) co_return;
        if (error) {
            // Out of file descriptors, or a client that went at once: wait a little, go on.
            net::steady_timer pause{acceptor->get_executor(), std::chrono::milliseconds{50}};
            (void)co_await pause.async_wait(quiet);
            continue;
        }
        ErrorCode gone;
        const auto peer = socket.remote_endpoint(gone);
        if (gone) continue;
        socket.set_option(tcp::no_delay{true}, gone);
        const auto address = peer.address().to_string();
        const auto executor = socket.get_executor();
        if (!limits.take(counted_as(address))) {
            ++refused;
            net::co_spawn(executor, turn_away(std::move(socket)), net::detached);
            continue;
        }
        auto session = std::make_shared<Session>(shared_from_this(), std::move(socket), address);
        net::co_spawn(executor, run_session(std::move(session)), net::detached);
    }
}

void Server::Impl::stop(std::chrono::seconds drain) {
    if (stopping.exchange(true)) return;
    if (streams) streams->stop();
    if (acceptor)
        net::post(acceptor->get_executor(), [this] {
            ErrorCode ignored;
            acceptor->close(ignored);
        });
    {
        std::unique_lock lock{mutex};
        for (auto* session : sessions) session->stop();
        emptied.wait_for(lock, drain, [this] { return sessions.empty(); });
    }
    context->stop();
    for (auto& thread : threads) thread.join();
    threads.clear();
    // Sessions that are still there live in the context and hold this: break the circle.
    acceptor.reset();
    context.reset();
}

Server::Server(ServerOptions options, const Api& api, NodeService* node)
    : impl_(std::make_shared<Impl>(std::move(options), api, node)) {}

Server::~Server() {
    impl_->stop(std::chrono::seconds{0});
}

Result<std::uint16_t, std::string> Server::start() {
    return impl_->start();
}

void Server::stop(std::chrono::seconds drain) {
    impl_->stop(drain);
}

ServerCounters Server::counters() const {
    ServerCounters counters;
    counters.connections = impl_->limits.total();
    counters.connections_refused_total = impl_->refused;
    counters.requests_limited_total = impl_->limited;
    for (std::size_t i = 0; i < counters.answers_total.size(); ++i)
        counters.answers_total.at(i) = impl_->answers.at(i);
    counters.answer_microseconds_total = impl_->answer_microseconds;
    if (impl_->streams) {
        counters.stream_clients = impl_->streams->clients();
        counters.stream_clients_dropped_total = impl_->streams->dropped();
    }
    return counters;
}

}  // namespace tallystick::node::api
