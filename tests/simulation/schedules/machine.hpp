#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/store/store.hpp"
#include "node/engine/cometbft/application.hpp"
#include "node/engine/cometbft/bundle_pool.hpp"
#include "node/engine/cometbft/bundler.hpp"
#include "node/engine/cometbft/engine_client.hpp"
#include "node/engine/cometbft/header_follower.hpp"
#include "node/engine/publisher.hpp"
#include "node/read_side.hpp"
#include "simulation/schedules/disk.hpp"
#include "simulation/schedules/engine.hpp"
#include "simulation/schedules/joining.hpp"

namespace tallystick::simulation {

class Schedule;

/// The planted bugs: the harness must find each.
enum class Canary : std::uint8_t {
    none,
    local_clock,   ///< FinalizeBlock takes the node's clock where the block's time belongs
    early_answer,  ///< outcomes are acknowledged when a block is proposed, not when it is durable
    picky,         ///< ProcessProposal refuses what its own clock calls old
};

/// Checks envelopes on the calling thread, each bytes once a process: what a signature is worth
/// does not depend on who looks.
class SharedChecker final : public node::EnvelopeChecker {
  public:
    [[nodiscard]] std::optional<ledger::VerifiedEnvelope> check(std::string_view bytes) override;
    void spread(std::size_t parts, const std::function<void(std::size_t)>& part) override;
    void later(std::function<void()> work) override;

    /// What was asked for by `later`, in order.
    [[nodiscard]] std::deque<std::function<void()>>& backlog() noexcept { return backlog_; }

  private:
    std::map<Hash, std::optional<ledger::VerifiedEnvelope>> known_;
    std::deque<std::function<void()>> backlog_;
};

/// The parts of a node's process, put together as the real one does.
class Daemon {
  public:
    Daemon(std::unique_ptr<ledger::Store> opened, node::EnvelopeChecker& checker,
           const SigningKey& key, node::EngineClient& client, node::Clocks clocks,
           node::ApplicationOptions options, node::CometbftApplication::Hooks hooks,
           std::function<void()> wake);
    ~Daemon();

    std::unique_ptr<ledger::Store> store;
    node::ReadSide read_side;
    node::Publisher publisher;
    node::BundlePool pool;
    std::mutex writer_mutex;
    node::CometbftApplication application;
    node::Bundler bundler;
    node::HeaderFollower follower;
};

/// One authority's machine: its disk, its clock, the node's process and the engine's. Everything on
/// it happens inside `run`.
class Machine final : public EngineHost, public node::EngineClient {
  public:
    Machine(Schedule& schedule, std::size_t index, const SigningKey& key);
    ~Machine() override;

    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    [[nodiscard]] bool is_up() const noexcept { return daemon_ != nullptr; }
    [[nodiscard]] bool is_paused() const noexcept { return paused_; }
    /// Reachable by others: its engine runs.
    [[nodiscard]] bool is_listening() const noexcept { return engine_ && !paused_; }
    [[nodiscard]] Engine* engine() noexcept { return engine_.get(); }
    [[nodiscard]] Daemon* daemon() noexcept { return daemon_.get(); }
    [[nodiscard]] Disk& disk() noexcept { return disk_; }
    [[nodiscard]] const EngineFiles& files() const noexcept { return files_; }
    [[nodiscard]] bool is_traitor() const noexcept { return traitor_; }
    void make_traitor() { traitor_ = true; }
    [[nodiscard]] std::string describe() const;

    /// Starts what does not run.
    void start();
    /// Does it now, or when the machine goes on.
    void run(std::function<void()> what);
    void pause();
    void go_on();
    /// The process is gone, or with `power` the whole machine.
    void die(bool power);
    void kill_engine();
    /// There is room on its disk again: an operator starts anew what stopped writing.
    void make_room();
    /// Ends as an operator would end it.
    void shut_down();
    /// At the `points`th step from now it dies.
    void die_at_point(std::uint64_t points, bool engine_only);
    void cancel_death();
    /// Its disk is replaced. Back from its peers with nothing but its key; with `only_ledger` the
    /// engine's files are still there.
    void wipe(bool only_ledger, std::int64_t highest_signed);
    /// Its engine has nothing, and signs nothing at that height or below.
    void sign_only_above(std::int64_t height);
    /// It is built from a snapshot of its peers, not from their blocks. @pre its disk was wiped
    void want_snapshot() { wants_snapshot_ = true; }
    void set_clock(std::int64_t offset_ms) { clock_ms_ = offset_ms; }
    [[nodiscard]] std::int64_t clock() const noexcept { return clock_ms_; }
    [[nodiscard]] std::uint64_t deaths() const noexcept { return deaths_; }

    /// A wallet hands an envelope to this node. False if nothing answers.
    [[nodiscard]] bool submit(std::size_t place);
    void deliver(std::size_t from, const Message& message);

    // EngineHost
    [[nodiscard]] node::abci::Application& application() override;
    void point(std::string_view where) override;
    void after_call() override;
    [[nodiscard]] std::uint64_t wall_ms() const override;
    void later(Millis delay, std::function<void()> what) override;
    void send(std::size_t to, Message message) override;
    void broadcast(const Message& message) override;
    [[nodiscard]] std::vector<std::pair<std::size_t, Engine*>> peers() override;
    [[nodiscard]] const SigningKey& key() const override { return key_; }
    [[nodiscard]] model::Dice& dice() override;
    void note(const std::string& line) override;
    void judged(const Block& block, bool accepted) override;
    void finalized(const Block& block, const abci_pb::ResponseFinalizeBlock& response) override;
    [[nodiscard]] bool is_true(const Evidence& evidence) const override;
    void committed(std::int64_t height) override;
    void signed_twice(std::int64_t height) override;
    void alter_proposal(std::vector<std::string>& txs) override;
    [[nodiscard]] std::string fetch_chunk(std::size_t from, const abci_pb::Snapshot& what,
                                          std::uint32_t chunk) override;
    [[nodiscard]] std::vector<abci_pb::Snapshot> fetch_snapshots(std::size_t from) override;
    void restored() override;
    void gives_up_on_snapshots() override;

    // node::EngineClient
    [[nodiscard]] Result<void, node::SubmitFault> submit_bundle(const std::string& bundle) override;
    [[nodiscard]] Result<node::SignedHeader, std::string> signed_header(
        std::uint64_t height) override;
    [[nodiscard]] Result<node::EngineStatus, std::string> status() override;

  private:
    [[nodiscard]] std::filesystem::path ledger_folder() const { return disk_.folder() / "ledger"; }
    [[nodiscard]] bool open_daemon();
    void start_engine();
    void write_snapshot();
    [[nodiscard]] std::filesystem::path snapshot_folder(std::uint64_t height) const {
        return disk_.folder() / "snapshots" / std::to_string(height);
    }
    void engine_gone(const std::string& why);
    void stopped(const std::string& why);
    void poll_bundler();
    void poll_follower();
    void want_poll(Millis delay);
    void want_follow(Millis delay);

    Schedule& schedule_;
    std::size_t index_;
    const SigningKey& key_;
    Disk disk_;
    EngineFiles files_;
    std::int64_t clock_ms_ = 0;
    bool traitor_ = false;
    bool paused_ = false;
    bool dying_ = false;
    std::deque<std::function<void()>> deferred_;
    bool wants_snapshot_ = false;
    std::unique_ptr<Daemon> daemon_;
    std::unique_ptr<JoiningApplication> joining_;
    std::set<std::uint64_t> snapshots_;  ///< heights of those that this machine offers
    std::unique_ptr<node::abci::Application> wrapped_;  ///< with a canary: around the application
    std::unique_ptr<Engine> engine_;
    std::uint64_t daemon_life_ = 0;
    std::uint64_t engine_life_ = 0;
    std::uint64_t polls_ = 0;
    std::uint64_t follows_ = 0;
    std::optional<std::string> engine_to_stop_;
    std::uint64_t points_left_ = 0;
    bool point_is_engines_ = false;
    std::uint64_t deaths_ = 0;
};

/// An application with a planted bug around a real one.
[[nodiscard]] std::unique_ptr<node::abci::Application> with_canary(
    Canary canary, node::abci::Application& real, std::function<std::uint64_t()> wall_ms,
    std::function<void(const abci_pb::ResponsePrepareProposal&)> proposed);

}  // namespace tallystick::simulation
