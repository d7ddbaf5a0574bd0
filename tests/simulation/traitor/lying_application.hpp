#pragma once

#include <filesystem>
#include <functional>

#include "node/engine/abci/application.hpp"
#include "simulation/traitor/false_bundles.hpp"
#include "simulation/traitor/lies.hpp"
#include "simulation/traitor/upstream.hpp"

namespace tallystick::traitor {

/// An application that asks an honest one and changes what it answers. Which lie it tells stands in
/// a file, read before each answer, so that one run can tell them all.
class LyingApplication final : public node::abci::Application {
  public:
    /// Hears of each lie that was told, with where: "block 17". Any thread.
    using Told = std::function<void(Lie, const std::string& where)>;

    /// All must outlive it.
    LyingApplication(Upstream& honest, FalseBundles& bundles, std::filesystem::path lie_file,
                     Told told);

    [[nodiscard]] node::abci::Answer<abci_pb::ResponseInfo> info(
        const abci_pb::RequestInfo& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseQuery> query(
        const abci_pb::RequestQuery& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseCheckTx> check_tx(
        const abci_pb::RequestCheckTx& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseInitChain> init_chain(
        const abci_pb::RequestInitChain& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponsePrepareProposal> prepare_proposal(
        const abci_pb::RequestPrepareProposal& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseProcessProposal> process_proposal(
        const abci_pb::RequestProcessProposal& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseFinalizeBlock> finalize_block(
        const abci_pb::RequestFinalizeBlock& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseCommit> commit(
        const abci_pb::RequestCommit& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseListSnapshots> list_snapshots(
        const abci_pb::RequestListSnapshots& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseLoadSnapshotChunk> load_snapshot_chunk(
        const abci_pb::RequestLoadSnapshotChunk& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseOfferSnapshot> offer_snapshot(
        const abci_pb::RequestOfferSnapshot& request) override;
    [[nodiscard]] node::abci::Answer<abci_pb::ResponseApplySnapshotChunk> apply_snapshot_chunk(
        const abci_pb::RequestApplySnapshotChunk& request) override;

    [[nodiscard]] Lie lie() const;

  private:
    void distort(Lie lie, const abci_pb::RequestPrepareProposal& request,
                 abci_pb::ResponsePrepareProposal& answer);

    Upstream& honest_;
    FalseBundles& bundles_;
    std::filesystem::path lie_file_;
    Told told_;
};

}  // namespace tallystick::traitor
