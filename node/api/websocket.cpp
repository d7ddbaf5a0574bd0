#include "node/api/websocket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>

#include "node/api/stream_filter.hpp"
#include "node/api/target.hpp"

namespace tallystick::node::api {

namespace websocket = beast::websocket;

namespace {

constexpr std::chrono::seconds poll_interval{1};
constexpr std::size_t client_frame_bytes_max = 4096;

}  // namespace

bool Streams::take() {
    if (clients_.fetch_add(1) < options_.clients_max && !stopping_) return true;
    --clients_;
    return false;
}

/// One client. Everything but `offer` runs on its strand.
class StreamClient : public std::enable_shared_from_this<StreamClient> {
  public:
    StreamClient(std::shared_ptr<Streams> streams, beast::tcp_stream stream, StreamFilter filter)
        : streams_(std::move(streams)),
          socket_(std::move(stream)),
          wake_(socket_.get_executor()),
          filter_(std::move(filter)) {}

    net::awaitable<void> run(HttpRequest upgrade) {
        // Beast watches over handshakes, and by pings over a client that takes nothing any more;
        // the timers of the stream below must not be used beside these.
        socket_.set_option(websocket::stream_base::timeout{streams_->options_.write,
                                                           streams_->options_.write, true});
        socket_.read_message_max(client_frame_bytes_max);
        const auto [error] = co_await socket_.async_accept(upgrade, quiet);
        if (error) co_return;
        net::co_spawn(socket_.get_executor(), drain(shared_from_this()), net::detached);

        // Listening begins before the log's size is read, so that no entry falls in between.
        const std::weak_ptr<StreamClient> weak = weak_from_this();
        auto subscription = streams_->node_.subscribe(
            [weak](const std::shared_ptr<const BlockEvent>& event) { offer(weak, event); });
        next_ = filter_.from.value_or(streams_->node_.head().app_state.log_size());
        co_await serve();
        subscription.reset();
        co_await close();
    }

  private:
    /// On a thread of the node: only takes note.
    static void offer(const std::weak_ptr<StreamClient>& weak,
                      const std::shared_ptr<const BlockEvent>& event) {
        const auto client = weak.lock();
        if (!client || event->entries.empty()) return;
        net::post(client->socket_.get_executor(), [weak, event] {
            if (const auto here = weak.lock()) here->take(event);
        });
    }

    void take(const std::shared_ptr<const BlockEvent>& event) {
        if (queue_.size() >= streams_->options_.queue_max) {
            // While it catches up from the log, what it misses here it reads there.
            if (catching_up_) return;
            slow_ = true;
        } else {
            queue_.push_back(event);
        }
        wake_.cancel();
    }

    /// Reads and drops what the client sends, so that closes and pings are answered.
    static net::awaitable<void> drain(std::shared_ptr<StreamClient> client) {
        beast::flat_buffer buffer;
        while (true) {
            const auto [error, size] = co_await client->socket_.async_read(buffer, quiet);
            if (error) break;
            buffer.clear();
        }
        client->gone_ = true;
        client->wake_.cancel();
    }

    [[nodiscard]] bool is_over() const { return gone_ || slow_ || streams_->stopping_; }

    net::awaitable<void> serve() {
        while (!is_over()) {
            if (!queue_.empty()) {
                const auto event = std::move(queue_.front());
                queue_.pop_front();
                const auto first = event->entries.front()->log_index;
                if (first > next_) co_await catch_up_to(first);
                if (is_over() || first > next_) co_return;
                const auto frame = stream_frame(streams_->node_, *event, filter_, next_);
                next_ = std::max(next_, event->entries.back()->log_index + 1);
                if (!frame.empty()) co_await send(frame);
                continue;
            }
            const auto size = streams_->node_.head().app_state.log_size();
            if (size > next_) {
                co_await catch_up_to(size);
                continue;
            }
            wake_.expires_after(poll_interval);
            (void)co_await wake_.async_wait(quiet);
        }
    }

    net::awaitable<void> catch_up_to(std::uint64_t size) {
        catching_up_ = true;
        while (!is_over() && next_ < size) {
            const auto part = catch_up(streams_->node_, filter_, next_, size);
            if (part.next == next_) {
                damaged_ = gone_ = true;
                break;
            }
            for (const auto& frame : part.frames) {
                co_await send(frame);
                if (is_over()) break;
            }
            next_ = part.next;
        }
        catching_up_ = false;
    }

    net::awaitable<void> send(std::string frame) {
        socket_.text(true);
        const auto [error, size] = co_await socket_.async_write(net::buffer(frame), quiet);
        if (error == beast::error::timeout) slow_ = true;
        if (error) gone_ = true;
    }

    net::awaitable<void> close() {
        if (slow_) ++streams_->dropped_;
        websocket::close_reason reason{websocket::close_code::normal, ""};
        if (slow_) reason = {websocket::close_code::try_again_later, "slow_client"};
        if (streams_->stopping_) reason = {websocket::close_code::going_away, "stopping"};
        if (damaged_) reason = {websocket::close_code::internal_error, "damaged_record"};
        (void)co_await socket_.async_close(reason, quiet);
    }

    std::shared_ptr<Streams> streams_;
    websocket::stream<beast::tcp_stream> socket_;
    net::steady_timer wake_;
    StreamFilter filter_;
    std::deque<std::shared_ptr<const BlockEvent>> queue_;
    std::uint64_t next_ = 0;  ///< log index to send next
    bool catching_up_ = false;
    bool slow_ = false;
    bool gone_ = false;
    bool damaged_ = false;
};

net::awaitable<void> Streams::run(beast::tcp_stream stream, HttpRequest upgrade) {
    Request request;
    const std::string target{upgrade.target()};
    request.query = parse_query(split_target(target).query).value_or(Query{});
    std::optional<Response> fault;
    auto filter = stream_filter(request, fault);
    const auto client =
        std::make_shared<StreamClient>(shared_from_this(), std::move(stream), std::move(filter));
    co_await client->run(std::move(upgrade));
    give_back();
}

}  // namespace tallystick::node::api
