#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "node/engine/abci/application.hpp"

namespace tallystick::node {

/// Hands the engine's calls to one application and later to another, without the engine noticing:
/// it would end if its connections did. For a node that is built from a snapshot first and then
/// serves the ledger that came of it. Any thread.
class SwitchableApplication final : public abci::Application {
  public:
    /// `first` must live until something else is switched to, or this goes.
    explicit SwitchableApplication(abci::Application& first) : target_(&first) {}

    /// Calls that come from now on wait. Those under way go on; may be called from inside one.
    void hold();
    /// Waits for calls under way, hands all further ones to `next`, and lets those go on that wait.
    /// Not from inside a call. `next` must outlive this, or be followed by another.
    void switch_to(abci::Application& next);

    [[nodiscard]] abci::Answer<abci_pb::ResponseInfo> info(
        const abci_pb::RequestInfo& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseQuery> query(
        const abci_pb::RequestQuery& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseCheckTx> check_tx(
        const abci_pb::RequestCheckTx& request) override;
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
    [[nodiscard]] abci::Answer<abci_pb::ResponseListSnapshots> list_snapshots(
        const abci_pb::RequestListSnapshots& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseLoadSnapshotChunk> load_snapshot_chunk(
        const abci_pb::RequestLoadSnapshotChunk& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseOfferSnapshot> offer_snapshot(
        const abci_pb::RequestOfferSnapshot& request) override;
    [[nodiscard]] abci::Answer<abci_pb::ResponseApplySnapshotChunk> apply_snapshot_chunk(
        const abci_pb::RequestApplySnapshotChunk& request) override;

  private:
    /// A call under way.
    class Call {
      public:
        explicit Call(SwitchableApplication& owner);
        ~Call();
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        abci::Application* operator->() const noexcept { return target_; }

      private:
        SwitchableApplication& owner_;
        abci::Application* target_;
    };

    std::mutex mutex_;
    std::condition_variable changed_;
    abci::Application* target_;
    std::size_t under_way_ = 0;
    bool held_ = false;
};

}  // namespace tallystick::node
