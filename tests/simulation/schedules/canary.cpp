#include "node/engine/bundle.hpp"
#include "simulation/schedules/machine.hpp"

/// The planted bugs.
namespace tallystick::simulation {
namespace {

class CanaryApplication final : public node::abci::Application {
  public:
    CanaryApplication(Canary canary, node::abci::Application& real,
                      std::function<std::uint64_t()> wall_ms,
                      std::function<void(const abci_pb::ResponsePrepareProposal&)> proposed)
        : canary_(canary),
          real_(real),
          wall_ms_(std::move(wall_ms)),
          proposed_(std::move(proposed)) {}

    node::abci::Answer<abci_pb::ResponseInfo> info(const abci_pb::RequestInfo& request) override {
        return real_.info(request);
    }
    node::abci::Answer<abci_pb::ResponseQuery> query(
        const abci_pb::RequestQuery& request) override {
        return real_.query(request);
    }
    node::abci::Answer<abci_pb::ResponseCheckTx> check_tx(
        const abci_pb::RequestCheckTx& request) override {
        return real_.check_tx(request);
    }
    node::abci::Answer<abci_pb::ResponseInitChain> init_chain(
        const abci_pb::RequestInitChain& request) override {
        return real_.init_chain(request);
    }
    node::abci::Answer<abci_pb::ResponsePrepareProposal> prepare_proposal(
        const abci_pb::RequestPrepareProposal& request) override {
        auto answer = real_.prepare_proposal(request);
        if (canary_ == Canary::early_answer && answer) proposed_(*answer);
        return answer;
    }
    node::abci::Answer<abci_pb::ResponseProcessProposal> process_proposal(
        const abci_pb::RequestProcessProposal& request) override {
        auto answer = real_.process_proposal(request);
        if (canary_ != Canary::picky || !answer) return answer;
        for (const auto& tx : request.txs()) {
            const auto bundle = node::parse_bundle(tx);
            if (bundle && bundle->time_ms + 3000 < wall_ms_())
                answer->set_status(abci_pb::ResponseProcessProposal::REJECT);
        }
        return answer;
    }
    node::abci::Answer<abci_pb::ResponseFinalizeBlock> finalize_block(
        const abci_pb::RequestFinalizeBlock& request) override {
        if (canary_ != Canary::local_clock) return real_.finalize_block(request);
        auto altered = request;
        const auto seconds = static_cast<std::int64_t>(wall_ms_() / 1000);
        if (seconds > altered.time().seconds()) altered.mutable_time()->set_seconds(seconds);
        return real_.finalize_block(altered);
    }
    node::abci::Answer<abci_pb::ResponseCommit> commit(
        const abci_pb::RequestCommit& request) override {
        return real_.commit(request);
    }
    node::abci::Answer<abci_pb::ResponseListSnapshots> list_snapshots(
        const abci_pb::RequestListSnapshots& request) override {
        return real_.list_snapshots(request);
    }
    node::abci::Answer<abci_pb::ResponseLoadSnapshotChunk> load_snapshot_chunk(
        const abci_pb::RequestLoadSnapshotChunk& request) override {
        return real_.load_snapshot_chunk(request);
    }
    node::abci::Answer<abci_pb::ResponseOfferSnapshot> offer_snapshot(
        const abci_pb::RequestOfferSnapshot& request) override {
        return real_.offer_snapshot(request);
    }
    node::abci::Answer<abci_pb::ResponseApplySnapshotChunk> apply_snapshot_chunk(
        const abci_pb::RequestApplySnapshotChunk& request) override {
        return real_.apply_snapshot_chunk(request);
    }

  private:
    Canary canary_;
    node::abci::Application& real_;
    std::function<std::uint64_t()> wall_ms_;
    std::function<void(const abci_pb::ResponsePrepareProposal&)> proposed_;
};

}  // namespace

std::unique_ptr<node::abci::Application> with_canary(
    Canary canary, node::abci::Application& real, std::function<std::uint64_t()> wall_ms,
    std::function<void(const abci_pb::ResponsePrepareProposal&)> proposed) {
    return std::make_unique<CanaryApplication>(canary, real, std::move(wall_ms),
                                               std::move(proposed));
}

}  // namespace tallystick::simulation
