#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "node/engine/abci/application.hpp"
#include "node/engine/abci/dispatch.hpp"
#include "node/engine/abci/framing.hpp"

namespace tallystick::node::abci {

/// One connection of the engine. The server's one thread for input and output (here: the loop)
/// reads and writes the socket; a thread of the connection's own asks the application. Between the
/// two stand a queue of requests and a string of answers, both bounded: when the engine takes no
/// answers the worker waits, when the worker is behind the loop stops reading, and neither stops
/// the loop.
///
/// Every function is called from the loop.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    using Socket = boost::asio::local::stream_protocol::socket;

    /// What the server hears of it, from the loop.
    struct Events {
        std::function<void(const std::string& why)> closed;  ///< the socket is closed, not by us
        std::function<void(const Connection*)> gone;         ///< its worker has ended as well
    };

    /// `application` must outlive the connection.
    Connection(boost::asio::io_context& loop, Socket socket, Application& application,
               Events events);
    /// @pre it was never started, or `gone` has been called.
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();

    /// Closes the socket and lets the worker end after the call that it is in. What was read and
    /// not begun is dropped. Again has no effect.
    void stop();

  private:
    enum class Kind { request, fault, end };
    /// What the worker is given: a request's bytes, the sentence of what could not be read, or
    /// that nothing more comes.
    struct Item {
        Kind kind = Kind::end;
        std::string text;
    };

    // On the loop.
    void read();
    void on_read(const boost::system::error_code& error, std::size_t bytes);
    void on_end();
    void take(std::string_view bytes);
    void write();
    void on_written(const boost::system::error_code& error);
    void finish();
    void close(const std::optional<std::string>& why);
    void on_worker_ended();
    void end();
    [[nodiscard]] bool peer_is_gone();

    // Between both.
    void give(Item item);
    /// Whether there is enough to do. @pre the mutex is held.
    [[nodiscard]] bool full() const;

    // On the worker.
    void work();
    [[nodiscard]] std::optional<Item> next_item();
    /// Waits for room. False if no more answers follow: an exception, an empty reply for the end of
    /// the requests, or a connection that is closing.
    [[nodiscard]] bool deliver(Reply reply);

    boost::asio::io_context& loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> loop_stays_;
    Application& application_;
    Events events_;

    // Of the loop alone.
    Socket socket_;
    boost::asio::steady_timer linger_;
    Deframer deframer_;
    std::vector<char> input_;
    std::string output_;
    bool reading_ = false;     ///< a read is under way
    bool input_over_ = false;  ///< nothing more is given to the worker
    bool end_seen_ = false;    ///< the engine has closed its side
    bool writing_ = false;     ///< a write is under way
    bool lingering_ = false;   ///< the last answer is out
    bool closed_ = false;
    bool worker_ended_ = false;
    std::string reason_ = "The engine closed its connection.";

    // Of both, under the mutex.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Item> items_;
    std::size_t item_bytes_ = 0;
    std::string answers_;
    bool paused_ = false;        ///< reading stopped because there was enough to do
    bool write_posted_ = false;  ///< the loop will look at the answers
    bool last_ = false;          ///< no answers follow those that stand there
    std::string exception_;      ///< the last of them, if it is one
    bool closing_ = false;

    std::thread worker_;
};

}  // namespace tallystick::node::abci
