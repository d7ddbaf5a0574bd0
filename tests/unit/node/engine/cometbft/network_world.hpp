#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ledger/store/store.hpp"
#include "node/engine/abci/messages.hpp"
#include "node/engine/cometbft/application.hpp"
#include "node/engine/cometbft/bundle_pool.hpp"
#include "node/engine/cometbft/engine_client.hpp"
#include "node/engine/publisher.hpp"
#include "node/read_side.hpp"
#include "protocol/block.hpp"
#include "protocol/crypto.hpp"
#include "unit/node/small_ledger.hpp"

/// A ledger of several authorities under a network's engine, and an engine that a test plays
/// itself.
namespace tallystick::node::test {

/// Checks on the calling thread and counts. What is wanted later is done by `work`.
class CountingChecker final : public EnvelopeChecker {
  public:
    [[nodiscard]] std::optional<ledger::VerifiedEnvelope> check(std::string_view bytes) override;
    void spread(std::size_t parts, const std::function<void(std::size_t)>& part) override;
    void later(std::function<void()> work) override { backlog_.push_back(std::move(work)); }

    void work();
    [[nodiscard]] std::size_t checked() const noexcept { return checked_; }
    [[nodiscard]] std::size_t backlog() const noexcept { return backlog_.size(); }

  private:
    std::size_t checked_ = 0;
    std::deque<std::function<void()>> backlog_;
};

/// The authorities with their keys, and the genesis file that all nodes share.
class NetworkWorld {
  public:
    explicit NetworkWorld(std::size_t authorities = 4);

    [[nodiscard]] std::size_t size() const noexcept { return node_keys_.size(); }
    [[nodiscard]] const SigningKey& node_key(std::size_t i) const { return node_keys_.at(i); }
    [[nodiscard]] const SigningKey& authority_key(std::size_t i) const {
        return authority_keys_.at(i);
    }
    [[nodiscard]] static std::string handle(std::size_t i);
    [[nodiscard]] const pb::GenesisFile& genesis_file() const noexcept { return genesis_file_; }
    [[nodiscard]] const LedgerId& ledger_id() const noexcept { return ledger_id_; }

    /// Any action of an authority, valid for a day after `start_ms`.
    [[nodiscard]] pb::Body body(std::size_t authority) const;
    [[nodiscard]] std::string sign(std::size_t authority, const pb::Body& body) const;
    /// An authority registers a project.
    [[nodiscard]] std::string registration(std::size_t authority, const std::string& name) const;
    /// As signed by a key that may not: well-formed, and skipped.
    [[nodiscard]] std::string registration_by_stranger(const std::string& name) const;
    /// Falsely signed.
    [[nodiscard]] std::string forged(const std::string& envelope) const;

    struct BundleOptions {
        std::uint64_t time_ms = start_ms;
        std::string chain_id = "county-1";
    };
    /// A bundle of a node, each call another one.
    [[nodiscard]] std::string bundle(std::size_t node, const std::vector<std::string>& envelopes,
                                     BundleOptions options) const;
    [[nodiscard]] std::string bundle(std::size_t node,
                                     const std::vector<std::string>& envelopes) const {
        return bundle(node, envelopes, BundleOptions{});
    }
    /// The same under any key.
    [[nodiscard]] std::string bundle_of(const SigningKey& key,
                                        const std::vector<std::string>& envelopes,
                                        BundleOptions options) const;

    [[nodiscard]] pb::Body registration_body(std::size_t authority, const std::string& name) const;

  private:
    std::vector<SigningKey> authority_keys_;
    std::vector<SigningKey> node_keys_;
    SigningKey stranger_;
    pb::GenesisFile genesis_file_;
    LedgerId ledger_id_;
    mutable std::uint64_t counter_ = 0;
};

/// The application of one node on a folder of its own.
class NetworkNode {
  public:
    NetworkNode(const NetworkWorld& world, std::size_t index, ApplicationOptions options = {},
                SnapshotService* snapshots = nullptr);
    ~NetworkNode();

    /// The process dies and starts again on the same folder.
    void restart();
    [[nodiscard]] CometbftApplication& application() { return *parts_->application; }
    [[nodiscard]] ledger::Store& store() { return *parts_->store; }
    [[nodiscard]] ReadSide& read_side() { return *parts_->read_side; }
    [[nodiscard]] Publisher& publisher() { return *parts_->publisher; }
    [[nodiscard]] BundlePool& pool() { return *parts_->pool; }
    [[nodiscard]] CountingChecker& checker() { return checker_; }
    [[nodiscard]] Clocks clocks() const;
    [[nodiscard]] std::uint32_t check_tx(const std::string& tx, bool again = false);
    [[nodiscard]] std::vector<std::string> propose(std::uint64_t height,
                                                   const std::vector<std::string>& txs,
                                                   std::int64_t max_bytes = 4000000);
    [[nodiscard]] bool accepts(std::uint64_t height, const std::vector<std::string>& txs);

    std::uint64_t wall_ms = start_ms;
    std::uint64_t steady_ms = 1000000;
    std::function<void(const CommittedBlock&)> on_committed;
    /// What this node would propose before what the mempool has.
    std::function<std::vector<std::shared_ptr<const std::string>>()> own_bundles;
    std::optional<std::string> signed_elsewhere;
    bool lets_blocks_go = true;
    std::vector<std::string> failures;
    std::size_t began = 0;

  private:
    struct Parts {
        std::unique_ptr<ledger::Store> store;
        std::unique_ptr<ReadSide> read_side;
        std::unique_ptr<Publisher> publisher;
        std::unique_ptr<BundlePool> pool;
        std::mutex writer_mutex;
        std::unique_ptr<CometbftApplication> application;
    };
    void open();

    const NetworkWorld& world_;
    std::size_t index_;
    ApplicationOptions options_;
    SnapshotService* snapshots_;
    Folder folder_;
    CountingChecker checker_;
    std::unique_ptr<Parts> parts_;
};

/// The chain that the engine agrees on: real headers, signed by all nodes.
class PlayedChain {
  public:
    explicit PlayedChain(const NetworkWorld& world) : world_(world) {}

    /// InitChain as the engine would ask it.
    [[nodiscard]] abci_pb::RequestInitChain genesis() const;
    /// The next decided block on what `node` has executed. Time goes on by a second.
    [[nodiscard]] abci_pb::RequestFinalizeBlock decide(
        NetworkNode& node, const std::vector<std::string>& txs,
        const std::vector<abci_pb::Misbehavior>& misbehaviours = {});
    /// Decided, executed and committed.
    void play(NetworkNode& node, const std::vector<std::string>& txs = {});

    [[nodiscard]] std::uint64_t height() const noexcept { return blocks_.size(); }
    [[nodiscard]] const abci_pb::RequestFinalizeBlock& request(std::uint64_t height) const {
        return blocks_.at(height - 1).request;
    }
    [[nodiscard]] const SignedHeader& header(std::uint64_t height) const {
        return blocks_.at(height - 1).header;
    }
    /// The same block as another set of nodes signed it: a commit that no header hashes.
    [[nodiscard]] SignedHeader seen(std::uint64_t height) const;

    std::uint64_t time_ms = start_ms;

  private:
    struct Block {
        SignedHeader header;
        abci_pb::RequestFinalizeBlock request;
    };
    [[nodiscard]] pb::Commit commit_of(const MadeBlock& made, const pb::ValidatorSet& validators,
                                       std::size_t absent) const;

    const NetworkWorld& world_;
    std::vector<Block> blocks_;
    std::vector<MadeBlock> made_;
};

/// What becomes of an envelope that a block holds, in order.
[[nodiscard]] std::vector<pb::LogEntry> entries_of(ReadSide& read_side, std::uint64_t height);

}  // namespace tallystick::node::test
