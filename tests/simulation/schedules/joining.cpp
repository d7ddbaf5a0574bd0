#include "simulation/schedules/joining.hpp"

#include "protocol/crypto.hpp"

namespace tallystick::simulation {
namespace {

Failure<std::string> not_now() {
    return Failure{std::string{"This node has no ledger yet: it waits for a snapshot."}};
}

}  // namespace

node::abci::Answer<abci_pb::ResponseInfo> JoiningApplication::info(const abci_pb::RequestInfo&) {
    abci_pb::ResponseInfo response;
    if (is_whole_) {
        response.set_last_block_height(static_cast<std::int64_t>(restore_->height()));
        response.set_last_block_app_hash(app_hash_);
    }
    return response;
}

node::abci::Answer<abci_pb::ResponseOfferSnapshot> JoiningApplication::offer_snapshot(
    const abci_pb::RequestOfferSnapshot& request) {
    using Offer = abci_pb::ResponseOfferSnapshot;
    Offer response;
    response.set_result(Offer::REJECT);
    const auto& snapshot = request.snapshot();
    const auto trusted = Hash::from(request.app_hash());
    if (!trusted || sha256(snapshot.metadata()).text() != snapshot.hash()) return response;
    pb::SnapshotManifest manifest;
    if (!manifest.ParseFromString(snapshot.metadata()) || manifest.height() != snapshot.height() ||
        static_cast<std::uint32_t>(manifest.chunks_size()) != snapshot.chunks())
        return response;
    restore_.reset();
    ledger::SnapshotRestore::Options options;
    options.folder = folder_;
    options.genesis = genesis_;
    options.manifest = snapshot.metadata();
    options.trusted_app_hash = *trusted;
    options.state_map_bytes = 1ULL << 30;
    auto begun = ledger::SnapshotRestore::begin(std::move(options));
    if (!begun) {
        using ledger::StoreFault;
        const auto fault = begun.error().fault;
        if (fault != StoreFault::unfit && fault != StoreFault::newer_version)
            return Failure{begun.error().what};
        return response;
    }
    restore_ = std::move(begun).value();
    app_hash_ = request.app_hash();
    response.set_result(Offer::ACCEPT);
    return response;
}

node::abci::Answer<abci_pb::ResponseApplySnapshotChunk> JoiningApplication::apply_snapshot_chunk(
    const abci_pb::RequestApplySnapshotChunk& request) {
    using Chunk = abci_pb::ResponseApplySnapshotChunk;
    Chunk response;
    if (!restore_ || request.index() != restore_->next_chunk()) return not_now();
    auto taken = restore_->add_chunk(request.chunk());
    const bool is_last = taken && restore_->next_chunk() == restore_->chunks();
    if (is_last) taken = restore_->finish();
    if (taken) {
        is_whole_ = is_last;
        response.set_result(Chunk::ACCEPT);
        return response;
    }
    if (taken.error().fault != ledger::StoreFault::unfit) return Failure{taken.error().what};
    if (restore_->is_hopeless() || is_last) {
        response.set_result(Chunk::REJECT_SNAPSHOT);
        restore_.reset();
        return response;
    }
    response.set_result(Chunk::RETRY);
    response.add_refetch_chunks(request.index());
    response.add_reject_senders(request.sender());
    return response;
}

node::abci::Answer<abci_pb::ResponseQuery> JoiningApplication::query(const abci_pb::RequestQuery&) {
    return abci_pb::ResponseQuery{};
}
node::abci::Answer<abci_pb::ResponseCheckTx> JoiningApplication::check_tx(
    const abci_pb::RequestCheckTx&) {
    return not_now();
}
node::abci::Answer<abci_pb::ResponseInitChain> JoiningApplication::init_chain(
    const abci_pb::RequestInitChain&) {
    return not_now();
}
node::abci::Answer<abci_pb::ResponsePrepareProposal> JoiningApplication::prepare_proposal(
    const abci_pb::RequestPrepareProposal&) {
    return not_now();
}
node::abci::Answer<abci_pb::ResponseProcessProposal> JoiningApplication::process_proposal(
    const abci_pb::RequestProcessProposal&) {
    return not_now();
}
node::abci::Answer<abci_pb::ResponseFinalizeBlock> JoiningApplication::finalize_block(
    const abci_pb::RequestFinalizeBlock&) {
    return not_now();
}
node::abci::Answer<abci_pb::ResponseCommit> JoiningApplication::commit(
    const abci_pb::RequestCommit&) {
    return not_now();
}
node::abci::Answer<abci_pb::ResponseListSnapshots> JoiningApplication::list_snapshots(
    const abci_pb::RequestListSnapshots&) {
    return abci_pb::ResponseListSnapshots{};
}
node::abci::Answer<abci_pb::ResponseLoadSnapshotChunk> JoiningApplication::load_snapshot_chunk(
    const abci_pb::RequestLoadSnapshotChunk&) {
    return abci_pb::ResponseLoadSnapshotChunk{};
}

}  // namespace tallystick::simulation
