#include "node/engine/cometbft/rpc_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <mutex>
#include <utility>

#include "protocol/types.hpp"

namespace tallystick::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using Stream = beast::basic_stream<asio::local::stream_protocol>;

constexpr std::string_view nothing = "{}";

template <class T>
Result<T, std::string> with_sentence(Result<T, RpcFailure> result) {
    if (!result) return Failure{result.error().sentence};
    return std::move(*result);
}

}  // namespace

/// Connections that nobody uses now. Each has a context of its own, run by whoever asks.
class RpcClient::Pool {
  public:
    struct Connection {
        asio::io_context context{1};
        Stream stream{context};
        beast::flat_buffer buffer;
        bool is_open = false;
    };

    std::unique_ptr<Connection> take() {
        {
            const std::lock_guard lock{mutex_};
            if (!idle_.empty()) {
                auto connection = std::move(idle_.back());
                idle_.pop_back();
                return connection;
            }
        }
        return std::make_unique<Connection>();
    }

    void give_back(std::unique_ptr<Connection> connection) {
        const std::lock_guard lock{mutex_};
        if (idle_.size() < idle_max) idle_.push_back(std::move(connection));
    }

  private:
    static constexpr std::size_t idle_max = 8;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

struct RpcClient::Exchange {
    std::string target = "/";
    std::string content_type = "application/json";
    std::string request;
    std::filesystem::path socket;
    std::chrono::milliseconds limit;
    std::string answer;
    beast::error_code error;
    bool keep = false;
};

namespace {

/// One question on one connection, within the limit. Connects if need be.
template <class Connection, class Exchange>
asio::awaitable<void> exchange(Connection& connection, Exchange& what) {
    const auto token = [&] { return asio::redirect_error(asio::use_awaitable, what.error); };
    connection.stream.expires_after(what.limit);
    if (!connection.is_open) {
        const asio::local::stream_protocol::endpoint endpoint{what.socket.string()};
        co_await connection.stream.async_connect(endpoint, token());
        if (what.error) co_return;
        connection.is_open = true;
    }
    http::request<http::string_body> request{http::verb::post, what.target, 11};
    request.set(http::field::host, "engine");
    request.set(http::field::content_type, what.content_type);
    request.body() = std::move(what.request);
    request.prepare_payload();
    co_await http::async_write(connection.stream, request, token());
    what.request = std::move(request.body());
    if (what.error) co_return;
    http::response_parser<http::string_body> parser;
    parser.body_limit(rpc_answer_bytes_max);
    co_await http::async_read(connection.stream, connection.buffer, parser, token());
    if (what.error) co_return;
    what.keep = parser.get().keep_alive();
    what.answer = std::move(parser.get().body());
}

/// Runs it to its end on this thread.
template <class Connection, class Exchange>
void run(Connection& connection, Exchange& what) {
    what.error = {};
    connection.context.restart();
    asio::co_spawn(connection.context, exchange(connection, what), [&](std::exception_ptr thrown) {
        if (thrown) what.error = asio::error::fault;
    });
    connection.context.run();
}

}  // namespace

RpcClient::RpcClient(RpcOptions options)
    : options_(std::move(options)), pool_(std::make_unique<Pool>()) {}

RpcClient::~RpcClient() = default;

Result<std::string, RpcFailure> RpcClient::ask(std::string request,
                                               std::chrono::milliseconds limit) {
    Exchange what;
    what.request = std::move(request);
    return converse(what, limit);
}

Result<std::string, RpcFailure> RpcClient::converse(Exchange& what,
                                                    std::chrono::milliseconds limit) {
    what.socket = options_.socket;
    what.limit = limit;
    auto connection = pool_->take();
    const bool was_open = connection->is_open;
    run(*connection, what);
    if (what.error && was_open && what.error != beast::error::timeout) {
        // The engine may have closed or died since: once more on a new connection. Asking twice is
        // safe, whatever the question.
        connection = std::make_unique<Pool::Connection>();
        run(*connection, what);
    }
    if (what.error) {
        RpcFailure failure;
        failure.sentence = "The engine does not answer: " + what.error.message() + ".";
        return Failure{std::move(failure)};
    }
    if (what.keep) pool_->give_back(std::move(connection));
    return std::move(what.answer);
}

Result<void, SubmitFault> RpcClient::submit_bundle(const std::string& bundle) {
    if (bundle.size() > rpc_bundle_bytes_max) return Failure{SubmitFault::refused};
    // As a form, not as JSON: of that the engine's parser takes several times as long.
    Exchange what;
    what.target = "/broadcast_tx_sync";
    what.content_type = "application/x-www-form-urlencoded";
    what.request = "tx=0x" + to_hex(bytes_of(bundle));
    const auto answer = converse(what, options_.limit);
    if (!answer) return Failure{SubmitFault::unreachable};
    const auto code = read_submitted(*answer);
    if (code) {
        if (*code == 0) return {};
        return Failure{SubmitFault::refused};
    }
    if (code.error().already_known) return {};
    return Failure{code.error().mempool_full ? SubmitFault::full : SubmitFault::unreachable};
}

Result<SignedHeader, std::string> RpcClient::signed_header(std::uint64_t height) {
    const auto answer = ask(
        rpc_request("commit", R"({"height":")" + std::to_string(height) + "\"}"), options_.limit);
    if (!answer) return Failure{answer.error().sentence};
    return with_sentence(read_signed_header(*answer));
}

Result<EngineStatus, std::string> RpcClient::status() {
    const auto answer = ask(rpc_request("status", nothing), options_.limit);
    if (!answer) return Failure{answer.error().sentence};
    auto status = read_status(*answer);
    if (!status) return Failure{status.error().sentence};
    const auto connected = peers();
    if (!connected) return Failure{connected.error()};
    status->peers = static_cast<std::uint32_t>(connected->size());
    return *status;
}

Result<std::vector<EnginePeer>, std::string> RpcClient::peers() {
    const auto answer = ask(rpc_request("net_info", nothing), options_.limit);
    if (!answer) return Failure{answer.error().sentence};
    return with_sentence(read_peers(*answer));
}

Result<std::vector<std::uint64_t>, std::string> RpcClient::peer_heights() {
    const auto answer = ask(rpc_request("dump_consensus_state", nothing), options_.limit);
    if (!answer) return Failure{answer.error().sentence};
    return with_sentence(read_peer_heights(*answer));
}

Result<std::vector<EngineValidator>, std::string> RpcClient::validators() {
    const auto answer = ask(rpc_request("validators", R"({"per_page":"100"})"), options_.limit);
    if (!answer) return Failure{answer.error().sentence};
    return with_sentence(read_validators(*answer));
}

Result<std::vector<EngineValidator>, std::string> RpcClient::validators_at(std::uint64_t height) {
    const auto answer = ask(rpc_request("validators", R"({"per_page":"100","height":")" +
                                                          std::to_string(height) + "\"}"),
                            options_.limit);
    if (!answer) return Failure{answer.error().sentence};
    return with_sentence(read_validators(*answer));
}

Result<EngineMempool, std::string> RpcClient::mempool() {
    const auto answer = ask(rpc_request("num_unconfirmed_txs", nothing), options_.limit);
    if (!answer) return Failure{answer.error().sentence};
    return with_sentence(read_mempool(*answer));
}

void RpcClient::dial(const std::vector<std::string>& peers) {
    // Who cannot be reached is seen in `peers`.
    static_cast<void>(ask(rpc_dial_request(peers), options_.limit));
}

bool RpcClient::answers(std::chrono::milliseconds limit) {
    return ask(rpc_request("health", nothing), limit).ok();
}

}  // namespace tallystick::node
