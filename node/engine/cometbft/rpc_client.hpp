#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "node/engine/cometbft/engine_client.hpp"
#include "node/engine/cometbft/rpc_json.hpp"

/// Asks the engine over its JSON-RPC on a Unix socket.
namespace tallystick::node {

struct RpcOptions {
    std::filesystem::path socket;
    std::chrono::milliseconds limit{5000};  ///< for one question and its answer
};

/// The engine reads no request above 2,000,000 bytes (engine_files.cpp), and hexadecimal makes a
/// bundle twice as large.
inline constexpr std::size_t rpc_bundle_bytes_max = 700000;
/// An answer above this is not read.
inline constexpr std::size_t rpc_answer_bytes_max = 33554432;

/// Keeps connections open between questions; as many as ask at once. Any thread, never from inside
/// a call of the engine. Every call comes back within the limit.
class RpcClient final : public EngineClient {
  public:
    explicit RpcClient(RpcOptions options);
    ~RpcClient() override;
    RpcClient(const RpcClient&) = delete;
    RpcClient& operator=(const RpcClient&) = delete;

    /// A bundle above `rpc_bundle_bytes_max` is refused.
    [[nodiscard]] Result<void, SubmitFault> submit_bundle(const std::string& bundle) override;
    [[nodiscard]] Result<SignedHeader, std::string> signed_header(std::uint64_t height) override;
    /// Asks twice: for the height, and for the peers.
    [[nodiscard]] Result<EngineStatus, std::string> status() override;
    [[nodiscard]] Result<std::vector<EngineValidator>, std::string> validators_at(
        std::uint64_t height) override;

    [[nodiscard]] Result<std::vector<EnginePeer>, std::string> peers();
    [[nodiscard]] Result<std::vector<std::uint64_t>, std::string> peer_heights();
    /// Of the next block; at most 100.
    [[nodiscard]] Result<std::vector<EngineValidator>, std::string> validators();
    [[nodiscard]] Result<EngineMempool, std::string> mempool();
    /// Has the engine reach these peers, ID@HOST:PORT, if it is not doing so already.
    void dial(const std::vector<std::string>& peers);
    /// Does it answer at all? One attempt within `limit`.
    [[nodiscard]] bool answers(std::chrono::milliseconds limit);

  private:
    class Pool;
    struct Exchange;

    /// The text of the answer to a request in JSON.
    [[nodiscard]] Result<std::string, RpcFailure> ask(std::string request,
                                                      std::chrono::milliseconds limit);
    /// The text of the answer to whatever is asked.
    [[nodiscard]] Result<std::string, RpcFailure> converse(Exchange& what,
                                                           std::chrono::milliseconds limit);

    RpcOptions options_;
    std::unique_ptr<Pool> pool_;
};

}  // namespace tallystick::node
