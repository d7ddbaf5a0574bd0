#include "node/engine/abci/connection.hpp"

#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>

#include "node/engine/abci/server.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::node::abci {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t read_bytes_max = std::size_t{256} << 10;
/// How long the engine may take to read the last answer and close: without this time it could learn
/// that its connection broke before it has read why.
constexpr std::chrono::seconds linger_max{2};

}  // namespace

Connection::Connection(asio::io_context& loop, Socket socket, Application& application,
                       Events events)
    : loop_(loop),
      loop_stays_(asio::make_work_guard(loop)),
      application_(application),
      events_(std::move(events)),
      socket_(std::move(socket)),
      linger_(loop),
      input_(read_bytes_max) {}

Connection::~Connection() {
    ensure(!worker_.joinable(), "a connection ends after its worker");
}

void Connection::start() {
    worker_ = std::thread{[self = shared_from_this()] { self->work(); }};
    read();
}

void Connection::stop() {
    close(std::nullopt);
}

// --- The loop: reading.

void Connection::read() {
    if (closed_ || reading_ || end_seen_) return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(input_), [self = shared_from_this()](
                                                      const error_code& error, std::size_t bytes) {
        self->on_read(error, bytes);
    });
}

void Connection::on_read(const error_code& error, std::size_t bytes) {
    reading_ = false;
    if (closed_) return;
    if (error == asio::error::eof || error == asio::error::connection_reset) {
        end_seen_ = true;
        on_end();
        return;
    }
    if (error) {
        close("A connection to the engine broke: " + error.message() + ".");
        return;
    }
    if (!input_over_) take(std::string_view{input_.data(), bytes});
    // After the last answer what still comes is read and thrown away until the engine closes.
    if (!input_over_ || lingering_) {
        std::unique_lock lock{mutex_};
        paused_ = !lingering_ && full();
        if (paused_) return;
        lock.unlock();
        read();
    }
}

void Connection::take(std::string_view bytes) {
    while (!bytes.empty()) {
        auto message = deframer_.take(bytes);
        if (!message) {
            // Where the next message begins is not known: what follows cannot be read.
            input_over_ = true;
            give({Kind::fault, framing_fault_in_words(message.error())});
            return;
        }
        if (auto& whole = message.value()) give({Kind::request, std::move(*whole)});
    }
}

void Connection::on_end() {
    // Who is gone reads no answers: what it asked last and we have not begun is not begun any more.
    if (lingering_ || peer_is_gone()) {
        close(reason_);
        return;
    }
    if (input_over_) return;
    input_over_ = true;
    if (deframer_.between_messages())
        give({Kind::end, {}});
    else
        give({Kind::fault, "The engine closed its connection in the middle of a message."});
}

bool Connection::peer_is_gone() {
    // A peer that only said that it asks no more can still be answered.
    pollfd state{socket_.native_handle(), 0, 0};
    return ::poll(&state, 1, 0) == 1 && (state.revents & (POLLHUP | POLLERR)) != 0;
}

// --- The loop: writing.

void Connection::write() {
    if (closed_ || writing_) return;
    {
        const std::lock_guard lock{mutex_};
        write_posted_ = false;
        output_.clear();
        output_.swap(answers_);
        if (output_.empty() && !last_) return;
    }
    changed_.notify_all();
    if (output_.empty()) {
        finish();
        return;
    }
    writing_ = true;
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                          self->on_written(error);
                      });
}

void Connection::on_written(const error_code& error) {
    writing_ = false;
    if (closed_) return;
    if (error) {
        close("A connection to the engine broke while it was answered: " + error.message() + ".");
        return;
    }
    write();
}

void Connection::finish() {
    if (lingering_) return;
    lingering_ = true;
    {
        const std::lock_guard lock{mutex_};
        if (!exception_.empty())
            reason_ = "The engine was answered with an exception: " + exception_;
    }
    if (end_seen_) {
        close(reason_);
        return;
    }
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    linger_.expires_after(linger_max);
    linger_.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error) self->close(self->reason_);
    });
    read();
}

// --- The loop: the end.

void Connection::close(const std::optional<std::string>& why) {
    if (closed_) return;
    closed_ = true;
    // First: once the engine sees the end, nothing that it asked is begun any more.
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
        items_.clear();
        item_bytes_ = 0;
    }
    changed_.notify_all();
    error_code ignored;
    socket_.close(ignored);
    linger_.cancel();
    if (why) events_.closed(*why);
    if (worker_ended_) end();
}

void Connection::on_worker_ended() {
    worker_.join();
    worker_ended_ = true;
    // Else the socket still has the last answer to bring out.
    if (closed_) end();
}

void Connection::end() {
    loop_stays_.reset();
    events_.gone(this);
}

// --- Between loop and worker.

void Connection::give(Item item) {
    {
        const std::lock_guard lock{mutex_};
        item_bytes_ += item.text.size();
        items_.push_back(std::move(item));
    }
    changed_.notify_all();
}

bool Connection::full() const {
    return items_.size() >= requests_queued_max || item_bytes_ >= queued_bytes_max;
}

// --- The worker.

void Connection::work() {
    bool more = true;
    while (more) {
        auto item = next_item();
        if (!item) break;
        switch (item->kind) {
            case Kind::request: more = deliver(reply_to(item->text, application_)); break;
            case Kind::fault: more = deliver(exception_reply(std::move(item->text))); break;
            case Kind::end: more = deliver({}); break;
        }
    }
    asio::post(loop_, [self = shared_from_this()] { self->on_worker_ended(); });
}

std::optional<Connection::Item> Connection::next_item() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return closing_ || !items_.empty(); });
    if (closing_) return std::nullopt;
    auto item = std::move(items_.front());
    items_.pop_front();
    item_bytes_ -= item.text.size();
    if (paused_ && items_.size() <= requests_queued_max / 2 &&
        item_bytes_ <= queued_bytes_max / 2) {
        paused_ = false;
        asio::post(loop_, [self = shared_from_this()] { self->read(); });
    }
    return item;
}

bool Connection::deliver(Reply reply) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return closing_ || answers_.size() < queued_bytes_max; });
    if (closing_) return false;
    answers_ += reply.bytes;
    // No bytes: the engine has asked all it wanted.
    last_ = reply.bytes.empty() || !reply.exception.empty();
    exception_ = std::move(reply.exception);
    if (!write_posted_) {
        write_posted_ = true;
        asio::post(loop_, [self = shared_from_this()] { self->write(); });
    }
    return !last_;
}

}  // namespace tallystick::node::abci
