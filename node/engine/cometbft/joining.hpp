#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "ledger/store/snapshot_reader.hpp"
#include "node/engine/abci/application.hpp"
#include "node/engine/abci/server.hpp"
#include "node/engine/cometbft/engine_client.hpp"
#include "node/engine/cometbft/switchable_application.hpp"
#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"

namespace tallystick::node {

/// How far a node is that takes a snapshot.
struct SnapshotProgress {
    std::size_t snapshots = 0;  ///< that were begun
    std::size_t here = 0;       ///< chunks of the newest of them that were taken
    std::size_t chunks = 0;     ///< all of its chunks; 0 while none is being taken
    friend bool operator==(const SnapshotProgress&, const SnapshotProgress&) = default;
};

/// What the engine speaks to while a node has no ledger yet: takes a snapshot that its light client
/// vouches for, and nothing else. Consensus has nothing to ask before there is a ledger.
class JoiningApplication final : public abci::Application {
  public:
    struct Options {
        std::filesystem::path ledger;  ///< the folder to be; no store is open there
        pb::GenesisFile genesis;
        std::set<std::string, std::less<>> peers;  ///< ids that the engine may speak to
        /// The snapshot is here, checked and durable. From inside a call, before it is answered.
        std::function<void()> restored;
    };
    explicit JoiningApplication(Options options);
    ~JoiningApplication() override;

    /// Nothing has happened yet; or, once restored, where the ledger stands.
    [[nodiscard]] abci::Answer<abci_pb::ResponseInfo> info(
        const abci_pb::RequestInfo& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseQuery> query(
        const abci_pb::RequestQuery& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseOfferSnapshot> offer_snapshot(
        const abci_pb::RequestOfferSnapshot& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseApplySnapshotChunk> apply_snapshot_chunk(
        const abci_pb::RequestApplySnapshotChunk& request) override;

    // Refused, for want of a ledger.
    [[nodiscard]] abci::Answer<abci_pb::ResponseCheckTx> check_tx(
        const abci_pb::RequestCheckTx& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseListSnapshots> list_snapshots(
        const abci_pb::RequestListSnapshots& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseLoadSnapshotChunk> load_snapshot_chunk(
        const abci_pb::RequestLoadSnapshotChunk& request) override;

    // Answered with an exception.
    [[nodiscard]] abci::Answer<abci_pb::ResponseInitChain> init_chain(
        const abci_pb::RequestInitChain& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponsePrepareProposal> prepare_proposal(
        const abci_pb::RequestPrepareProposal& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseProcessProposal> process_proposal(
        const abci_pb::RequestProcessProposal& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseFinalizeBlock> finalize_block(
        const abci_pb::RequestFinalizeBlock& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseCommit> commit(
        const abci_pb::RequestCommit& request) override;

    /// Any thread.
    [[nodiscard]] SnapshotProgress progress() const;

  private:
    Options options_;
    mutable std::mutex mutex_;
    std::unique_ptr<ledger::SnapshotRestore> restore_;
    Hash trusted_;
    std::size_t begun_ = 0;
    std::uint64_t restored_height_ = 0;
};

/// An engine that runs already and is handed on: its process, the socket it is connected to, and
/// whom that speaks to.
struct RunningEngine {
    std::unique_ptr<JoiningApplication> joining;
    std::unique_ptr<SwitchableApplication> application;
    std::unique_ptr<EngineBeside> process;
    std::unique_ptr<abci::Server> server;
};

/// The time before a node has a ledger: the engine runs and fetches a snapshot.
class Joining {
  public:
    struct Options {
        std::filesystem::path ledger;
        pb::GenesisFile genesis;
        std::set<std::string, std::less<>> peers;
        std::filesystem::path abci_socket;
        std::function<std::unique_ptr<EngineBeside>(const SigningKey& key)> make_process;
    };

    /// Opens the socket and starts the engine. The error is a sentence.
    [[nodiscard]] static Result<std::unique_ptr<Joining>, std::string> start(Options options,
                                                                             const SigningKey& key);
    /// Ends the engine, if it was not handed on.
    ~Joining();
    Joining(const Joining&) = delete;
    Joining& operator=(const Joining&) = delete;

    /// Waits until the snapshot is here, or `limit` is over: false.
    [[nodiscard]] bool wait(std::chrono::milliseconds limit);
    /// As `JoiningApplication::progress`.
    [[nodiscard]] SnapshotProgress progress() const;
    [[nodiscard]] std::vector<std::string> not_ready() const;

    /// The engine as it runs, its calls held, for `CometbftOptions::running`: the next
    /// `Store::open` of the folder finds the ledger. Once, after `wait` said true.
    [[nodiscard]] std::shared_ptr<RunningEngine> hand_on();

  private:
    Joining() = default;

    std::shared_ptr<RunningEngine> running_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool restored_ = false;
};

}  // namespace tallystick::node
