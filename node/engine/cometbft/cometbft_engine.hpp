#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ledger/store/store.hpp"
#include "node/engine/abci/server.hpp"
#include "node/engine/cometbft/application.hpp"
#include "node/engine/cometbft/bundle_pool.hpp"
#include "node/engine/cometbft/bundler.hpp"
#include "node/engine/cometbft/engine_client.hpp"
#include "node/engine/cometbft/header_follower.hpp"
#include "node/engine/cometbft/joining.hpp"
#include "node/engine/cometbft/proposer_priorities.hpp"
#include "node/engine/cometbft/snapshot_keeper.hpp"
#include "node/engine/copier.hpp"
#include "node/engine/engine.hpp"
#include "node/engine/publisher.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::node {

struct CometbftOptions {
    ApplicationOptions application = {};
    BundlerOptions bundler = {};
    FollowerOptions follower = {};
    Clocks clocks = system_clocks();
    /// Where the engine finds us. Empty: nowhere, for tests that call the application themselves.
    std::filesystem::path abci_socket = {};
    /// The engine's process. The key is this node's, which signs its votes as well, and outlives
    /// what is made.
    std::function<std::unique_ptr<EngineBeside>(const SigningKey& key)> make_process;
    /// Where snapshots for late joiners are kept; empty: this node makes and offers none.
    std::filesystem::path snapshots = {};
    std::uint64_t snapshot_blocks = 0;  ///< one every so many blocks; 0: none is made
    /// An engine that runs already, with its calls held, because this ledger has just been built
    /// from a snapshot that it fetched. Then `make_process` and `abci_socket` are not used.
    std::shared_ptr<RunningEngine> running = {};
};

/// The engine of a network: CometBFT beside this node, for which we are the application. Its
/// process orders; here bundles are made, checked and executed. A bundle thread sends, a header
/// thread fetches; everything else happens on the threads of the socket's connections.
class CometbftEngine final : public Engine {
  public:
    struct Parts {
        ledger::Store& store;
        ReadSide& read_side;
        const SigningKey& key;
        EnvelopeChecker& checker;
        std::function<bool()> more_is_coming;
        std::function<void(Job&, Answer)> answer;
        /// Guards the writer's state of the store, for dry runs.
        std::mutex& writer_mutex;
        /// A block can be read now. On the thread of the engine's call; must be quick. May be
        /// empty.
        std::function<void(std::uint64_t height)> block_shown;
    };

    /// Everything in `parts` must outlive this.
    CometbftEngine(const Parts& parts, CometbftOptions options);
    ~CometbftEngine() override;

    /// Opens the socket and starts the engine's process. A process that cannot be started is a
    /// fault: reads go on.
    void start() override;
    void offer(std::vector<Job> jobs) override;
    /// Ends the engine's process first, then closes the socket: what a block does not hold by then
    /// is answered `unavailable`.
    void stop() override;
    [[nodiscard]] std::optional<std::string> fault() const override;
    [[nodiscard]] EngineMetrics metrics() const override;
    [[nodiscard]] std::vector<std::string> not_ready() const override;
    [[nodiscard]] NetworkState network_state() const override;
    [[nodiscard]] std::vector<SnapshotHere> snapshots() const override;
    [[nodiscard]] Result<std::vector<std::int64_t>, ReadError> proposer_priorities(
        std::uint64_t height, const pb::ValidatorSet& validators) const override;

    /// For tests that play the engine.
    [[nodiscard]] abci::Application& application() noexcept { return application_; }

  private:
    /// A thread that works when it is woken or its time has come.
    class Worker {
      public:
        /// `work` gives the milliseconds until it wants to be called again.
        explicit Worker(std::function<std::uint64_t()> work) : work_(std::move(work)) {}
        ~Worker() { stop(); }
        Worker(const Worker&) = delete;
        Worker& operator=(const Worker&) = delete;
        void start();
        void wake();
        void stop();

      private:
        void run();

        std::function<std::uint64_t()> work_;
        std::mutex mutex_;
        std::condition_variable changed_;
        bool woken_ = false;
        bool stopping_ = false;
        std::thread thread_;
    };

    [[nodiscard]] CometbftApplication::Hooks hooks();
    [[nodiscard]] std::unique_ptr<SnapshotKeeper> make_snapshots(const Parts& parts) const;
    void open_socket();
    void give_up(std::string why);
    [[nodiscard]] std::uint64_t work();

    ledger::Store& store_;
    const SigningKey& key_;
    CometbftOptions options_;
    std::function<void(std::uint64_t)> block_shown_;
    Publisher publisher_;
    Copier copier_;
    std::unique_ptr<EngineBeside> process_;
    std::unique_ptr<SnapshotKeeper> snapshots_;
    mutable ProposerPriorities priorities_;
    BundlePool pool_;
    CometbftApplication application_;
    Bundler bundler_;
    HeaderFollower follower_;
    Worker bundle_worker_;
    Worker header_worker_;
    std::unique_ptr<abci::Server> server_;

    mutable std::mutex mutex_;
    std::optional<std::string> start_fault_;
    bool stopped_ = false;
};

}  // namespace tallystick::node
