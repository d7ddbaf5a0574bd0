#include "node/engine/abci/server.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "node/engine/abci/connection.hpp"

namespace tallystick::node::abci {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Local = asio::local::stream_protocol;
using boost::system::error_code;

/// How long to wait when the system has no descriptor for another connection.
constexpr std::chrono::milliseconds accept_again_after{100};

std::string socket_sentence(const fs::path& socket, const std::string& what) {
    return "The engine's socket " + socket.string() + " could not be made: " + what;
}

std::optional<std::string> folder_fault(const fs::path& folder) {
    struct stat about {};
    if (::stat(folder.c_str(), &about) != 0)
        return "its folder: " + std::generic_category().message(errno) + ".";
    if (!S_ISDIR(about.st_mode)) return "what should be its folder is none.";
    if (about.st_uid != ::geteuid()) return "its folder belongs to another user.";
    if ((about.st_mode & 077U) != 0)
        return "its folder is open to other users; close it with chmod 700 " + folder.string() +
               ".";
    return std::nullopt;
}

/// Takes away what a killed process left. Whoever listens there is left alone.
std::optional<std::string> make_room(asio::io_context& loop, const fs::path& socket) {
    struct stat about {};
    if (::lstat(socket.c_str(), &about) != 0) {
        if (errno == ENOENT) return std::nullopt;
        return std::generic_category().message(errno) + ".";
    }
    if (!S_ISSOCK(about.st_mode)) return "a file of another kind stands there; move it away.";
    Local::socket probe{loop};
    error_code error;
    probe.open(Local{}, error);
    if (!error) probe.non_blocking(true, error);
    if (!error) probe.connect(Local::endpoint{socket.string()}, error);
    if (error != asio::error::connection_refused)
        return "another process listens there; stop it first.";
    if (::unlink(socket.c_str()) != 0) return std::generic_category().message(errno) + ".";
    return std::nullopt;
}

}  // namespace

/// All members but those of `stop` belong to the loop's thread once it runs.
class Server::Implementation {
  public:
    Implementation(fs::path socket, Application& application, OnClosed on_closed)
        : path_(std::move(socket)),
          application_(application),
          on_closed_(std::move(on_closed)),
          acceptor_(loop_),
          accept_later_(loop_) {}

    /// What went wrong, if something did.
    std::optional<std::string> listen() {
        if (path_.native().size() >= sizeof(sockaddr_un::sun_path))
            return "its path has " + std::to_string(path_.native().size()) +
                   " bytes and a socket's may have " +
                   std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                   "; choose a data folder with a shorter path.";
        if (auto fault = folder_fault(path_.parent_path())) return fault;
        if (auto fault = make_room(loop_, path_)) return fault;
        error_code error;
        acceptor_.open(Local{}, error);
        if (!error) acceptor_.bind(Local::endpoint{path_.string()}, error);
        // Nobody can connect between these two: the folder is closed, and nobody listens yet.
        if (!error && ::chmod(path_.c_str(), 0600) != 0)
            error = error_code{errno, boost::system::system_category()};
        if (!error) acceptor_.listen(static_cast<int>(connections_max), error);
        if (!error) return std::nullopt;
        if (acceptor_.is_open() && error != asio::error::address_in_use) ::unlink(path_.c_str());
        return error.message() + ".";
    }

    void start() {
        accept();
        thread_ = std::thread{[this] { loop_.run(); }};
    }

    void stop() {
        std::call_once(stopped_, [this] {
            asio::post(loop_, [this] { close(); });
            thread_.join();
            std::error_code ignored;
            fs::remove(path_, ignored);
        });
    }

    [[nodiscard]] std::size_t connections() const { return open_; }

  private:
    void accept() {
        acceptor_.async_accept([this](const error_code& error, Local::socket socket) {
            if (closing_) return;
            if (error)
                accept_later();
            else
                take(std::move(socket));
        });
    }

    void accept_later() {
        accept_later_.expires_after(accept_again_after);
        accept_later_.async_wait([this](const error_code&) {
            if (!closing_) accept();
        });
    }

    void take(Local::socket socket) {
        if (connections_.size() >= connections_max) {
            error_code ignored;
            socket.close(ignored);
            on_closed_("A connection was turned away: " + std::to_string(connections_max) +
                       " are open, and the engine has four.");
        } else {
            auto connection = std::make_shared<Connection>(
                loop_, std::move(socket), application_,
                Connection::Events{[this](const std::string& why) { on_closed_(why); },
                                   [this](const Connection* gone) {
                                       connections_.erase(gone);
                                       open_ = connections_.size();
                                   }});
            connections_.emplace(connection.get(), connection);
            open_ = connections_.size();
            connection->start();
        }
        accept();
    }

    /// The loop ends by itself when the last connection's worker has.
    void close() {
        closing_ = true;
        error_code ignored;
        acceptor_.close(ignored);
        accept_later_.cancel();
        // Each may go, and leave the map, while it is stopped.
        const auto open = connections_;
        for (const auto& [_, connection] : open) connection->stop();
    }

    fs::path path_;
    Application& application_;
    OnClosed on_closed_;
    asio::io_context loop_{1};
    Local::acceptor acceptor_;
    asio::steady_timer accept_later_;
    std::map<const Connection*, std::shared_ptr<Connection>> connections_;
    bool closing_ = false;
    std::atomic<std::size_t> open_{0};
    std::once_flag stopped_;
    std::thread thread_;
};

Server::Server(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Result<std::unique_ptr<Server>, std::string> Server::open(const fs::path& socket,
                                                          Application& application,
                                                          OnClosed on_closed) {
    auto implementation =
        std::make_unique<Implementation>(socket, application, std::move(on_closed));
    if (const auto fault = implementation->listen())
        return Failure{socket_sentence(socket, *fault)};
    implementation->start();
    return std::unique_ptr<Server>{new Server{std::move(implementation)}};
}

Server::~Server() {
    stop();
}

void Server::stop() {
    implementation_->stop();
}

std::size_t Server::connections() const {
    return implementation_->connections();
}

}  // namespace tallystick::node::abci
