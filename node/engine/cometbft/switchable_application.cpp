#include "node/engine/cometbft/switchable_application.hpp"

#include "node/engine/abci/messages.hpp"

namespace tallystick::node {

SwitchableApplication::Call::Call(SwitchableApplication& owner) : owner_(owner) {
    std::unique_lock lock{owner_.mutex_};
    owner_.changed_.wait(lock, [this] { return !owner_.held_; });
    ++owner_.under_way_;
    target_ = owner_.target_;
}

SwitchableApplication::Call::~Call() {
    {
        const std::lock_guard lock{owner_.mutex_};
        --owner_.under_way_;
    }
    owner_.changed_.notify_all();
}

void SwitchableApplication::hold() {
    const std::lock_guard lock{mutex_};
    held_ = true;
}

void SwitchableApplication::switch_to(abci::Application& next) {
    {
        std::unique_lock lock{mutex_};
        held_ = true;
        changed_.wait(lock, [this] { return under_way_ == 0; });
        target_ = &next;
        held_ = false;
    }
    changed_.notify_all();
}

abci::Answer<abci_pb::ResponseInfo> SwitchableApplication::info(
    const abci_pb::RequestInfo& request) {
    return Call {
        *this
    } -> info(request);
}
abci::Answer<abci_pb::ResponseQuery> SwitchableApplication::query(
    const abci_pb::RequestQuery& request) {
    return Call {
        *this
    } -> query(request);
}
abci::Answer<abci_pb::ResponseCheckTx> SwitchableApplication::check_tx(
    const abci_pb::RequestCheckTx& request) {
    return Call {
        *this
    } -> check_tx(request);
}
abci::Answer<abci_pb::ResponseInitChain> SwitchableApplication::init_chain(
    const abci_pb::RequestInitChain& request) {
    return Call {
        *this
    } -> init_chain(request);
}
abci::Answer<abci_pb::ResponsePrepareProposal> SwitchableApplication::prepare_proposal(
    const abci_pb::RequestPrepareProposal& request) {
    return Call {
        *this
    } -> prepare_proposal(request);
}
abci::Answer<abci_pb::ResponseProcessProposal> SwitchableApplication::process_proposal(
    const abci_pb::RequestProcessProposal& request) {
    return Call {
        *this
    } -> process_proposal(request);
}
abci::Answer<abci_pb::ResponseFinalizeBlock> SwitchableApplication::finalize_block(
    const abci_pb::RequestFinalizeBlock& request) {
    return Call {
        *this
    } -> finalize_block(request);
}
abci::Answer<abci_pb::ResponseCommit> SwitchableApplication::commit(
    const abci_pb::RequestCommit& request) {
    return Call {
        *this
    } -> commit(request);
}
abci::Answer<abci_pb::ResponseListSnapshots> SwitchableApplication::list_snapshots(
    const abci_pb::RequestListSnapshots& request) {
    return Call {
        *this
    } -> list_snapshots(request);
}
abci::Answer<abci_pb::ResponseLoadSnapshotChunk> SwitchableApplication::load_snapshot_chunk(
    const abci_pb::RequestLoadSnapshotChunk& request) {
    return Call {
        *this
    } -> load_snapshot_chunk(request);
}
abci::Answer<abci_pb::ResponseOfferSnapshot> SwitchableApplication::offer_snapshot(
    const abci_pb::RequestOfferSnapshot& request) {
    return Call {
        *this
    } -> offer_snapshot(request);
}
abci::Answer<abci_pb::ResponseApplySnapshotChunk> SwitchableApplication::apply_snapshot_chunk(
    const abci_pb::RequestApplySnapshotChunk& request) {
    return Call {
        *this
    } -> apply_snapshot_chunk(request);
}

}  // namespace tallystick::node
