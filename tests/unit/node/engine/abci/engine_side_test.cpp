#include "unit/node/engine/abci/engine_side.hpp"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace tallystick::node::abci::test {
namespace {

constexpr int patience_milliseconds = 30'000;

bool wait_for(int fd, short what, int milliseconds_max) {
    pollfd waiting{fd, what, 0};
    int result = 0;
    do {
        result = ::poll(&waiting, 1, milliseconds_max);
    } while (result < 0 && errno == EINTR);
    return result == 1;
}

}  // namespace

PrivateFolder::PrivateFolder() {
    auto pattern = (std::filesystem::temp_directory_path() / "abci-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = pattern;
}

PrivateFolder::~PrivateFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

EngineSide::EngineSide(const std::filesystem::path& socket)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.native().copy(address.sun_path, sizeof address.sun_path - 1);
    const auto* general = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (::connect(fd_, general, sizeof address) != 0) throw std::runtime_error("cannot connect");
}

EngineSide::~EngineSide() {
    close();
}

EngineSide::EngineSide(EngineSide&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      deframer_(std::move(other.deframer_)),
      unread_(std::move(other.unread_)) {}

std::size_t EngineSide::send_some(std::string_view bytes, int milliseconds_max) {
    for (;;) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) return static_cast<std::size_t>(sent);
        if (errno == EINTR) continue;
        if (errno != EAGAIN || !wait_for(fd_, POLLOUT, milliseconds_max)) return 0;
    }
}

bool EngineSide::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = send_some(bytes, patience_milliseconds);
        if (sent == 0) return false;
        bytes.remove_prefix(sent);
    }
    return true;
}

void EngineSide::send(const abci_pb::Request& request) {
    if (!send(framed(request))) throw std::runtime_error("the server has closed");
}

std::optional<abci_pb::Response> EngineSide::receive() {
    for (;;) {
        std::string_view rest = unread_;
        auto message = deframer_.take(rest);
        if (!message) throw std::runtime_error("the server's framing is wrong");
        unread_.erase(0, unread_.size() - rest.size());
        if (message.value()) {
            abci_pb::Response response;
            if (!response.ParseFromString(*message.value()))
                throw std::runtime_error("the server's answer is none");
            return response;
        }
        if (!wait_for(fd_, POLLIN, patience_milliseconds))
            throw std::runtime_error("the server does not answer");
        char piece[65536];
        const auto got = ::recv(fd_, piece, sizeof piece, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return std::nullopt;
        unread_.assign(piece, static_cast<std::size_t>(got));
    }
}

std::optional<abci_pb::Response> EngineSide::call(const abci_pb::Request& request) {
    if (!send(framed(request) + framed(flush()))) return std::nullopt;
    auto answer = receive();
    if (!answer || answer->has_exception()) return answer;
    const auto flushed = receive();
    if (!flushed || !flushed->has_flush()) throw std::runtime_error("no flush after an answer");
    return answer;
}

void EngineSide::close_for_writing() {
    ::shutdown(fd_, SHUT_WR);
}

void EngineSide::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

std::string framed(const abci_pb::Request& request) {
    std::string stream;
    append_length(stream, request.ByteSizeLong());
    if (!request.AppendToString(&stream)) throw std::runtime_error("cannot encode");
    return stream;
}

abci_pb::Request echo(const std::string& message) {
    abci_pb::Request request;
    request.mutable_echo()->set_message(message);
    return request;
}

abci_pb::Request flush() {
    abci_pb::Request request;
    request.mutable_flush();
    return request;
}

abci_pb::Request check_tx(const std::string& tx) {
    abci_pb::Request request;
    request.mutable_check_tx()->set_tx(tx);
    return request;
}

abci_pb::Request info(const std::string& version) {
    abci_pb::Request request;
    request.mutable_info()->set_version(version);
    return request;
}

abci_pb::Request finalize(std::int64_t height) {
    abci_pb::Request request;
    request.mutable_finalize_block()->set_height(height);
    return request;
}

abci_pb::Request commit() {
    abci_pb::Request request;
    request.mutable_commit();
    return request;
}

}  // namespace tallystick::node::abci::test
