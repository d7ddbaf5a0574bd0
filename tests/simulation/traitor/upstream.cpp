#include "simulation/traitor/upstream.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "node/engine/abci/framing.hpp"

namespace tallystick::traitor {
namespace {

class Connection {
  public:
    explicit Connection(const std::filesystem::path& socket)
        : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket.native().copy(address.sun_path, sizeof address.sun_path - 1);
        const auto* general = static_cast<const sockaddr*>(static_cast<const void*>(&address));
        open_ = fd_ >= 0 && ::connect(fd_, general, sizeof address) == 0;
    }
    ~Connection() {
        if (fd_ >= 0) ::close(fd_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Result<abci_pb::Response, std::string> ask(const abci_pb::Request& request) {
        std::string stream;
        node::abci::append_length(stream, request.ByteSizeLong());
        if (!open_ || !request.AppendToString(&stream) || !send(stream)) return gone();
        char piece[65536];
        for (;;) {
            const auto got = ::recv(fd_, piece, sizeof piece, 0);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return gone();
            std::string_view rest{piece, static_cast<std::size_t>(got)};
            auto message = deframer_.take(rest);
            if (!message) return gone();
            if (!message.value()) continue;
            abci_pb::Response response;
            if (!rest.empty() || !response.ParseFromString(*message.value())) return gone();
            if (response.has_exception()) return Failure{response.exception().error()};
            return response;
        }
    }

  private:
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    Failure<std::string> gone() {
        open_ = false;
        return Failure{std::string{"The honest node has gone."}};
    }

    int fd_;
    bool open_ = false;
    node::abci::Deframer deframer_;
};

}  // namespace

Result<abci_pb::Response, std::string> Upstream::ask(const abci_pb::Request& request) {
    thread_local Connection connection{socket_};
    return connection.ask(request);
}

}  // namespace tallystick::traitor
