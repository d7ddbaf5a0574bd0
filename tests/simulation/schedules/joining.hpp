#pragma once

#include <filesystem>
#include <memory>

#include "ledger/store/snapshot_reader.hpp"
#include "node/engine/abci/application.hpp"
#include "node/engine/abci/messages.hpp"

namespace tallystick::simulation {

/// The application of a node that has no ledger yet: takes a snapshot by ledger::SnapshotRestore
/// and answers everything else with an exception. Once the snapshot is whole and durable the node's
/// process ends, and the next one opens the ledger that it finds.
class JoiningApplication final : public node::abci::Application {
  public:
    JoiningApplication(std::filesystem::path folder, pb::GenesisFile genesis)
        : folder_(std::move(folder)), genesis_(std::move(genesis)) {}

    node::abci::Answer<abci_pb::ResponseInfo> info(const abci_pb::RequestInfo& request) override;
    node::abci::Answer<abci_pb::ResponseQuery> query(const abci_pb::RequestQuery& request) override;
    node::abci::Answer<abci_pb::ResponseCheckTx> check_tx(
        const abci_pb::RequestCheckTx& request) override;
    node::abci::Answer<abci_pb::ResponseInitChain> init_chain(
        const abci_pb::RequestInitChain& request) override;
    node::abci::Answer<abci_pb::ResponsePrepareProposal> prepare_proposal(
        const abci_pb::RequestPrepareProposal& request) override;
    node::abci::Answer<abci_pb::ResponseProcessProposal> process_proposal(
        const abci_pb::RequestProcessProposal& request) override;
    node::abci::Answer<abci_pb::ResponseFinalizeBlock> finalize_block(
        const abci_pb::RequestFinalizeBlock& request) override;
    node::abci::Answer<abci_pb::ResponseCommit> commit(
        const abci_pb::RequestCommit& request) override;
    node::abci::Answer<abci_pb::ResponseListSnapshots> list_snapshots(
        const abci_pb::RequestListSnapshots& request) override;
    node::abci::Answer<abci_pb::ResponseLoadSnapshotChunk> load_snapshot_chunk(
        const abci_pb::RequestLoadSnapshotChunk& request) override;
    node::abci::Answer<abci_pb::ResponseOfferSnapshot> offer_snapshot(
        const abci_pb::RequestOfferSnapshot& request) override;
    node::abci::Answer<abci_pb::ResponseApplySnapshotChunk> apply_snapshot_chunk(
        const abci_pb::RequestApplySnapshotChunk& request) override;

  private:
    std::filesystem::path folder_;
    pb::GenesisFile genesis_;
    std::unique_ptr<ledger::SnapshotRestore> restore_;
    std::string app_hash_;
    bool is_whole_ = false;
};

}  // namespace tallystick::simulation
