#include "bench/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "bench/basics.hpp"
#include "protocol/pb.hpp"

namespace tallystick::bench {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;

struct HttpClient::Impl {
    boost::asio::io_context context;
    tcp::socket socket{context};
    beast::flat_buffer buffer;

    /// Sends one and reads its answer. A node that goes meanwhile ends the program.
    template <class Request>
    std::string ask(const Request& request, http::status& status) {
        beast::error_code error;
        http::write(socket, request, error);
        http::response_parser<http::string_body> parser;
        parser.body_limit(64 * 1024 * 1024);
        if (!error) http::read(socket, buffer, parser, error);
        if (error) give_up("a node has gone: " + error.message());
        status = parser.get().result();
        return std::move(parser.get().body());
    }
};

HttpClient::HttpClient(std::uint16_t port) : impl_(std::make_unique<Impl>()) {
    impl_->socket.connect({boost::asio::ip::address_v4::loopback(), port});
    impl_->socket.set_option(tcp::no_delay{true});
}

HttpClient::~HttpClient() = default;

bool HttpClient::submit(const std::string& body, std::size_t count) {
    // As long as the API lets a caller wait: with many nodes a full load is seconds deep.
    http::request<http::span_body<const char>> request{http::verb::post, "/v1/envelopes?wait=30",
                                                       11};
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::content_type, "application/x-protobuf");
    request.set(http::field::accept, "application/x-protobuf");
    request.body() = beast::span<const char>{body.data(), body.size()};
    request.prepare_payload();
    http::status status{};
    const auto answer = impl_->ask(request, status);
    pb::SubmitResponse response;
    if (status != http::status::ok || !response.ParseFromString(answer) ||
        response.results_size() != static_cast<int>(count)) {
        std::fprintf(stderr, "tally-bench: the node answered %u: %.300s\n",
                     static_cast<unsigned>(status), answer.c_str());
        return false;
    }
    for (const auto& result : response.results()) {
        if (result.state() == pb::SUBMIT_STATE_DONE) continue;
        std::fprintf(stderr, "tally-bench: an envelope was not done: %s %s\n",
                     pb::SubmitState_Name(result.state()).c_str(), result.code().c_str());
        return false;
    }
    return true;
}

std::string HttpClient::get(const std::string& target) {
    http::request<http::empty_body> request{http::verb::get, target, 11};
    request.set(http::field::host, "127.0.0.1");
    http::status status{};
    return impl_->ask(request, status);
}

std::uint64_t HttpClient::height() {
    const auto ledger = nlohmann::json::parse(get("/v1/ledger"), nullptr, false);
    const nlohmann::json::json_pointer height{"/as_of/height"};
    if (!ledger.is_object() || !ledger.contains(height)) {
        give_up("a node does not say its height");
    }
    return ledger[height].get<std::uint64_t>();
}

std::string submit_body(const std::vector<std::string>& envelopes, std::size_t from,
                        std::size_t to) {
    pb::SubmitRequest request;
    for (std::size_t i = from; i < to; ++i) request.add_envelopes(envelopes[i]);
    return request.SerializeAsString();
}

}  // namespace tallystick::bench
