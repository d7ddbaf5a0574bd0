#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/engine/cometbft/engine_files.hpp"
#include "node/engine/cometbft/engine_log.hpp"
#include "node/engine/cometbft/engine_watch.hpp"
#include "node/engine/cometbft/rpc_client.hpp"
#include "node/engine/cometbft/supervisor.hpp"
#include "protocol/crypto.hpp"

/// CometBFT beside this node: its files, its process, what it says and what it is asked.
namespace tallystick::node {

/// Any thread; never from inside an ABCI call.
class CometbftProcess final : public EngineBeside {
  public:
    /// Nothing runs yet. `prepare_engine_folder` was called for `setup`.
    /// @param expects_peers false for a network of one
    CometbftProcess(EngineSetup setup, const SigningKey& key, bool expects_peers);
    /// Stops.
    ~CometbftProcess() override;
    CometbftProcess(const CometbftProcess&) = delete;
    CometbftProcess& operator=(const CometbftProcess&) = delete;

    /// As EngineProcess. Errors: the program is another version or cannot be started, a socket's
    /// path is too long, a file cannot be written.
    [[nodiscard]] Result<void, std::string> start() override;
    void stop() override;
    [[nodiscard]] std::vector<std::string> not_ready() const override;

    void expect_end() override;
    [[nodiscard]] EngineClient& client() override { return client_; }
    [[nodiscard]] EngineProcessMetrics metrics() const override;
    [[nodiscard]] std::optional<std::string> signed_elsewhere(std::uint64_t height) const override;
    [[nodiscard]] bool blocks_will_go() override;
    [[nodiscard]] const EngineSetup& setup() const { return setup_; }

  private:
    [[nodiscard]] SupervisorOptions supervisor_options();
    [[nodiscard]] EngineWatchOptions watch_options(bool expects_peers);

    const EngineSetup setup_;
    const std::string own_id_;
    const EngineKeys keys_;
    EngineLog log_;  // on the supervisor's thread
    RpcClient client_;
    EngineWatch watch_;
    Supervisor supervisor_;
};

}  // namespace tallystick::node
