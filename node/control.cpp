#include "node/control.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>

namespace tallystick::node {
namespace {

/// How long a caller may take to say its line: one that hangs must not keep others out.
constexpr int line_milliseconds_max = 5000;
constexpr int poll_milliseconds = 200;

bool fill(sockaddr_un& address, const std::filesystem::path& socket) {
    address.sun_family = AF_UNIX;
    const auto& name = socket.native();
    if (name.size() >= sizeof address.sun_path) return false;
    name.copy(address.sun_path, name.size());
    return true;
}

/// The calls want the general address.
const sockaddr* general(const sockaddr_un& address) {
    return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

void send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

/// One line without its end, or nothing. A negative time waits for ever.
std::optional<std::string> receive_line(int fd, int milliseconds_max) {
    std::string line;
    for (;;) {
        pollfd waiting{fd, POLLIN, 0};
        if (::poll(&waiting, 1, milliseconds_max) <= 0) return std::nullopt;
        char piece[512];
        const auto got = ::recv(fd, piece, sizeof piece, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return std::nullopt;
        line.append(piece, static_cast<std::size_t>(got));
        if (const auto end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
        if (line.size() > control_line_bytes_max) return std::nullopt;
    }
}

}  // namespace

Result<std::unique_ptr<ControlServer>, FileError> ControlServer::open(
    const std::filesystem::path& socket, Handler handler) {
    sockaddr_un address{};
    // Bound by a relative name where the folder's path is too long for an address.
    const auto name = socket.native().size() < sizeof address.sun_path
                          ? socket
                          : std::filesystem::relative(socket);
    if (!fill(address, name))
        return Failure{FileError{"The path " + socket.string() + " is too long for a socket."}};
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::error_code ignored;
    std::filesystem::remove(socket, ignored);
    const auto mask = ::umask(0177);
    const bool bound = listener >= 0 && ::bind(listener, general(address), sizeof address) == 0;
    ::umask(mask);
    if (!bound || ::listen(listener, 8) != 0) {
        const auto reason = std::generic_category().message(errno);
        if (listener >= 0) ::close(listener);
        return Failure{
            FileError{"Could not make the socket " + socket.string() + ": " + reason + "."}};
    }
    return std::unique_ptr<ControlServer>{new ControlServer{socket, listener, std::move(handler)}};
}

ControlServer::ControlServer(std::filesystem::path socket, int listener, Handler handler)
    : socket_(std::move(socket)),
      listener_(listener),
      handler_(std::move(handler)),
      thread_([this] { serve(); }) {}

ControlServer::~ControlServer() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
    std::error_code ignored;
    std::filesystem::remove(socket_, ignored);
}

void ControlServer::serve() {
    while (!stopping_) {
        pollfd waiting{listener_, POLLIN, 0};
        if (::poll(&waiting, 1, poll_milliseconds) <= 0) continue;
        const int caller = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (caller < 0) continue;
        if (const auto line = receive_line(caller, line_milliseconds_max))
            send_all(caller, handler_(*line) + "\n");
        ::close(caller);
    }
}

std::optional<std::string> ask_running_node(const std::filesystem::path& socket,
                                            const std::string& line) {
    sockaddr_un address{};
    const auto name = socket.native().size() < sizeof address.sun_path
                          ? socket
                          : std::filesystem::relative(socket);
    if (!fill(address, name)) return std::nullopt;
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return std::nullopt;
    if (::connect(fd, general(address), sizeof address) != 0) {
        ::close(fd);
        return std::nullopt;
    }
    send_all(fd, line + "\n");
    auto answer = receive_line(fd, -1);
    ::close(fd);
    return answer ? *answer : std::string{"The node stopped before it had answered."};
}

}  // namespace tallystick::node
