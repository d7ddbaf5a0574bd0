#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tallystick::bench {

/// One connection to the API on loopback, kept alive; a node that goes while it is asked ends the
/// program with a sentence. Not thread-safe.
class HttpClient {
  public:
    explicit HttpClient(std::uint16_t port);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Posts a prepared Protobuf body to /v1/envelopes and waits for the answer. True when all
    /// `count` were done.
    [[nodiscard]] bool submit(const std::string& body, std::size_t count);
    /// The body of what GET gives for this target, whatever its status.
    [[nodiscard]] std::string get(const std::string& target);
    /// Of the newest block of the node. Stops the program with a sentence if it does not say.
    [[nodiscard]] std::uint64_t height();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The body of a request that hands these envelopes in.
[[nodiscard]] std::string submit_body(const std::vector<std::string>& envelopes, std::size_t from,
                                      std::size_t to);

}  // namespace tallystick::bench
