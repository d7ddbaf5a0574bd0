#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "node/engine/abci/application.hpp"
#include "node/engine/abci/messages.hpp"

/// An application that writes down what it is asked and answers so that one sees to which request
/// an answer belongs.
namespace tallystick::node::abci::test {

class RecordingApplication : public Application {
  public:
    struct Recorded {
        std::string call;
        std::string what;  ///< a height, a transaction, an index
        std::thread::id thread;
    };

    /// Called before each answer, on the thread of the call, without a lock; what it gives is an
    /// exception. Set before the server opens.
    std::function<std::string(const std::string& call, const std::string& what)> before;

    Answer<abci_pb::ResponseInfo> info(const abci_pb::RequestInfo& request) override {
        return asked<abci_pb::ResponseInfo>(
            "info", request.version(), [&](auto& answer) { answer.set_data(request.version()); });
    }
    Answer<abci_pb::ResponseQuery> query(const abci_pb::RequestQuery& request) override {
        return asked<abci_pb::ResponseQuery>(
            "query", request.path(), [&](auto& answer) { answer.set_value(request.path()); });
    }
    Answer<abci_pb::ResponseCheckTx> check_tx(const abci_pb::RequestCheckTx& request) override {
        return asked<abci_pb::ResponseCheckTx>(
            "check_tx", request.tx(), [&](auto& answer) { answer.set_data(request.tx()); });
    }
    Answer<abci_pb::ResponseInitChain> init_chain(
        const abci_pb::RequestInitChain& request) override {
        return asked<abci_pb::ResponseInitChain>(
            "init_chain", request.chain_id(),
            [&](auto& answer) { answer.set_app_hash(request.chain_id()); });
    }
    Answer<abci_pb::ResponsePrepareProposal> prepare_proposal(
        const abci_pb::RequestPrepareProposal& request) override {
        return asked<abci_pb::ResponsePrepareProposal>(
            "prepare_proposal", std::to_string(request.height()),
            [&](auto& answer) { *answer.mutable_txs() = request.txs(); });
    }
    Answer<abci_pb::ResponseProcessProposal> process_proposal(
        const abci_pb::RequestProcessProposal& request) override {
        return asked<abci_pb::ResponseProcessProposal>(
            "process_proposal", std::to_string(request.height()),
            [](auto& answer) { answer.set_status(abci_pb::ResponseProcessProposal::ACCEPT); });
    }
    Answer<abci_pb::ResponseFinalizeBlock> finalize_block(
        const abci_pb::RequestFinalizeBlock& request) override {
        return asked<abci_pb::ResponseFinalizeBlock>(
            "finalize_block", std::to_string(request.height()), [&](auto& answer) {
                answer.set_app_hash(std::to_string(request.height()));
                for (const auto& tx : request.txs()) answer.add_tx_results()->set_data(tx);
            });
    }
    Answer<abci_pb::ResponseCommit> commit(const abci_pb::RequestCommit&) override {
        return asked<abci_pb::ResponseCommit>("commit", "", [](auto&) {});
    }
    Answer<abci_pb::ResponseListSnapshots> list_snapshots(
        const abci_pb::RequestListSnapshots&) override {
        return asked<abci_pb::ResponseListSnapshots>(
            "list_snapshots", "", [](auto& answer) { answer.add_snapshots()->set_height(7); });
    }
    Answer<abci_pb::ResponseLoadSnapshotChunk> load_snapshot_chunk(
        const abci_pb::RequestLoadSnapshotChunk& request) override {
        return asked<abci_pb::ResponseLoadSnapshotChunk>(
            "load_snapshot_chunk", std::to_string(request.chunk()),
            [&](auto& answer) { answer.set_chunk(std::to_string(request.chunk())); });
    }
    Answer<abci_pb::ResponseOfferSnapshot> offer_snapshot(
        const abci_pb::RequestOfferSnapshot& request) override {
        return asked<abci_pb::ResponseOfferSnapshot>(
            "offer_snapshot", std::to_string(request.snapshot().height()),
            [](auto& answer) { answer.set_result(abci_pb::ResponseOfferSnapshot::ACCEPT); });
    }
    Answer<abci_pb::ResponseApplySnapshotChunk> apply_snapshot_chunk(
        const abci_pb::RequestApplySnapshotChunk& request) override {
        return asked<abci_pb::ResponseApplySnapshotChunk>(
            "apply_chunk", std::to_string(request.index()),
            [](auto& answer) { answer.set_result(abci_pb::ResponseApplySnapshotChunk::ACCEPT); });
    }

    [[nodiscard]] std::vector<Recorded> recorded() const {
        const std::lock_guard lock{mutex_};
        return recorded_;
    }
    /// The names of the calls, in the order in which they came.
    [[nodiscard]] std::vector<std::string> calls() const {
        std::vector<std::string> names;
        for (const auto& one : recorded()) names.push_back(one.call);
        return names;
    }
    [[nodiscard]] std::size_t threads() const {
        std::set<std::thread::id> threads;
        for (const auto& one : recorded()) threads.insert(one.thread);
        return threads.size();
    }

  private:
    template <class Response, class Fill>
    Answer<Response> asked(const std::string& call, const std::string& what, Fill fill) {
        {
            const std::lock_guard lock{mutex_};
            recorded_.push_back({call, what, std::this_thread::get_id()});
        }
        if (before)
            if (auto exception = before(call, what); !exception.empty())
                return Failure{std::move(exception)};
        Response answer;
        fill(answer);
        return answer;
    }

    mutable std::mutex mutex_;
    std::vector<Recorded> recorded_;
};

}  // namespace tallystick::node::abci::test
