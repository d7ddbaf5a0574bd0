#pragma once

#include <string>

#include "protocol/result.hpp"

namespace tendermint::abci {
class RequestApplySnapshotChunk;
class RequestCheckTx;
class RequestCommit;
class RequestFinalizeBlock;
class RequestInfo;
class RequestInitChain;
class RequestListSnapshots;
class RequestLoadSnapshotChunk;
class RequestOfferSnapshot;
class RequestPrepareProposal;
class RequestProcessProposal;
class RequestQuery;
class ResponseApplySnapshotChunk;
class ResponseCheckTx;
class ResponseCommit;
class ResponseFinalizeBlock;
class ResponseInfo;
class ResponseInitChain;
class ResponseListSnapshots;
class ResponseLoadSnapshotChunk;
class ResponseOfferSnapshot;
class ResponsePrepareProposal;
class ResponseProcessProposal;
class ResponseQuery;
}  // namespace tendermint::abci

namespace tallystick {
namespace abci_pb = ::tendermint::abci;
}

/// What the engine (CometBFT v0.40, ABCI 2.0) asks of a node. Messages are only named here; who
/// reads them includes node/engine/abci/messages.hpp.
namespace tallystick::node::abci {

/// An answer, or the sentence of an exception. An exception stops the engine's process: it is for
/// what no engine of this ledger may ask, and for when going on could harm the ledger. What is
/// merely refused has an answer that says so (a code other than 0, REJECT).
template <class Response>
using Answer = Result<Response, std::string>;

/// The application. Echo and Flush are answered by whoever carries the messages; vote extensions
/// and the application's own mempool are not used and are answered with an exception there.
///
/// The engine has four connections, for consensus, the mempool, snapshots and queries. The server
/// calls every function from the thread of the connection on which the request came: up to four at
/// once, in strict order on each, in any order between them. A call that hangs stalls the engine
/// for ever. No call may wait for the engine (its RPC answers only after we have).
class Application {
  public:
    virtual ~Application() = default;

    // Query connection.

    /// How far this application is. Asked at each start of the engine, which then replays what is
    /// missing.
    [[nodiscard]] virtual Answer<abci_pb::ResponseInfo> info(
        const abci_pb::RequestInfo& request) = 0;
    [[nodiscard]] virtual Answer<abci_pb::ResponseQuery> query(
        const abci_pb::RequestQuery& request) = 0;

    // Mempool connection.

    /// Whether a transaction may enter the mempool, or stay there after a block.
    [[nodiscard]] virtual Answer<abci_pb::ResponseCheckTx> check_tx(
        const abci_pb::RequestCheckTx& request) = 0;

    // Consensus connection.

    /// The chain begins. Can come again until its first block is committed.
    [[nodiscard]] virtual Answer<abci_pb::ResponseInitChain> init_chain(
        const abci_pb::RequestInitChain& request) = 0;
    /// The transactions of a block that this node proposes, at most `max_tx_bytes` together. Can
    /// come once a round.
    [[nodiscard]] virtual Answer<abci_pb::ResponsePrepareProposal> prepare_proposal(
        const abci_pb::RequestPrepareProposal& request) = 0;
    /// Whether this node would vote for a proposed block. Must accept what an honest node proposes,
    /// and give the same answer on every honest node. Can come once a round.
    [[nodiscard]] virtual Answer<abci_pb::ResponseProcessProposal> process_proposal(
        const abci_pb::RequestProcessProposal& request) = 0;
    /// Executes a decided block without making it durable: exactly one result for each transaction.
    [[nodiscard]] virtual Answer<abci_pb::ResponseFinalizeBlock> finalize_block(
        const abci_pb::RequestFinalizeBlock& request) = 0;
    /// Makes the finalized block durable before it answers.
    [[nodiscard]] virtual Answer<abci_pb::ResponseCommit> commit(
        const abci_pb::RequestCommit& request) = 0;

    // Snapshot connection.

    [[nodiscard]] virtual Answer<abci_pb::ResponseListSnapshots> list_snapshots(
        const abci_pb::RequestListSnapshots& request) = 0;
    [[nodiscard]] virtual Answer<abci_pb::ResponseLoadSnapshotChunk> load_snapshot_chunk(
        const abci_pb::RequestLoadSnapshotChunk& request) = 0;
    [[nodiscard]] virtual Answer<abci_pb::ResponseOfferSnapshot> offer_snapshot(
        const abci_pb::RequestOfferSnapshot& request) = 0;
    [[nodiscard]] virtual Answer<abci_pb::ResponseApplySnapshotChunk> apply_snapshot_chunk(
        const abci_pb::RequestApplySnapshotChunk& request) = 0;

  protected:
    Application() = default;
    Application(const Application&) = default;
    Application& operator=(const Application&) = default;
};

}  // namespace tallystick::node::abci
