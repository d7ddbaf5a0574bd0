#include "simulation/traitor/lying_application.hpp"

#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

#include "simulation/traitor/false_snapshots.hpp"

namespace tallystick::traitor {
namespace {

using node::abci::Answer;

/// Longer than the others wait for a proposal, in every round that a test lives to see.
constexpr std::chrono::milliseconds late{3000};

/// Asks the honest node with this request in its field of the message, and takes the answer out of
/// its own.
template <class Request, class Response>
Answer<Response> ask(Upstream& honest, const Request& request, Request* (abci_pb::Request::*into)(),
                     Response* (abci_pb::Response::*out)()) {
    abci_pb::Request message;
    *(message.*into)() = request;
    auto answer = honest.ask(message);
    if (!answer) return Failure{answer.error()};
    return std::move(*(answer.value().*out)());
}

std::string block(std::int64_t height) {
    return "block " + std::to_string(height);
}

}  // namespace

LyingApplication::LyingApplication(Upstream& honest, FalseBundles& bundles,
                                   std::filesystem::path lie_file, Told told)
    : honest_(honest), bundles_(bundles), lie_file_(std::move(lie_file)), told_(std::move(told)) {}

Lie LyingApplication::lie() const {
    std::ifstream file{lie_file_};
    std::string name;
    file >> name;
    return lie_named(name).value_or(Lie::none);
}

Answer<abci_pb::ResponseInfo> LyingApplication::info(const abci_pb::RequestInfo& request) {
    return ask(honest_, request, &abci_pb::Request::mutable_info, &abci_pb::Response::mutable_info);
}

Answer<abci_pb::ResponseQuery> LyingApplication::query(const abci_pb::RequestQuery& request) {
    return ask(honest_, request, &abci_pb::Request::mutable_query,
               &abci_pb::Response::mutable_query);
}

Answer<abci_pb::ResponseInitChain> LyingApplication::init_chain(
    const abci_pb::RequestInitChain& request) {
    return ask(honest_, request, &abci_pb::Request::mutable_init_chain,
               &abci_pb::Response::mutable_init_chain);
}

Answer<abci_pb::ResponseCommit> LyingApplication::commit(const abci_pb::RequestCommit& request) {
    return ask(honest_, request, &abci_pb::Request::mutable_commit,
               &abci_pb::Response::mutable_commit);
}

Answer<abci_pb::ResponseOfferSnapshot> LyingApplication::offer_snapshot(
    const abci_pb::RequestOfferSnapshot& request) {
    return ask(honest_, request, &abci_pb::Request::mutable_offer_snapshot,
               &abci_pb::Response::mutable_offer_snapshot);
}

Answer<abci_pb::ResponseApplySnapshotChunk> LyingApplication::apply_snapshot_chunk(
    const abci_pb::RequestApplySnapshotChunk& request) {
    return ask(honest_, request, &abci_pb::Request::mutable_apply_snapshot_chunk,
               &abci_pb::Response::mutable_apply_snapshot_chunk);
}

Answer<abci_pb::ResponseCheckTx> LyingApplication::check_tx(
    const abci_pb::RequestCheckTx& request) {
    auto answer = ask(honest_, request, &abci_pb::Request::mutable_check_tx,
                      &abci_pb::Response::mutable_check_tx);
    if (!answer) return answer;
    const auto lying = lie();
    if (lying == Lie::passes_nothing_on) {
        answer.value().set_code(1);
        told_(lying, "a bundle");
    }
    // Its own engine gossips what its application lets in, once: what has been passed on is
    // dropped, since on one machine its own troubles with it would be everybody's.
    if (lying == Lie::flood || lying == Lie::bad_flood)
        answer.value().set_code(request.type() == abci_pb::CheckTxType::NEW ? 0 : 1);
    return answer;
}

void LyingApplication::distort(Lie lie, const abci_pb::RequestPrepareProposal& request,
                               abci_pb::ResponsePrepareProposal& answer) {
    if (lie == Lie::proposes_late) {
        std::this_thread::sleep_for(late);
    } else if (lie == Lie::proposes_nothing) {
        answer.clear_txs();
    } else if (lie == Lie::oversize_proposal) {
        answer.add_txs(std::string(static_cast<std::size_t>(request.max_tx_bytes()) + 1, 'x'));
    } else if (const auto made = bundles_.for_lie(lie)) {
        if (lie == Lie::too_many_bundles) answer.clear_txs();
        for (const auto& one : *made) answer.add_txs(one);
    } else {
        return;
    }
    told_(lie, block(request.height()));
}

Answer<abci_pb::ResponsePrepareProposal> LyingApplication::prepare_proposal(
    const abci_pb::RequestPrepareProposal& request) {
    auto answer = ask(honest_, request, &abci_pb::Request::mutable_prepare_proposal,
                      &abci_pb::Response::mutable_prepare_proposal);
    if (answer) distort(lie(), request, answer.value());
    return answer;
}

Answer<abci_pb::ResponseProcessProposal> LyingApplication::process_proposal(
    const abci_pb::RequestProcessProposal& request) {
    auto answer = ask(honest_, request, &abci_pb::Request::mutable_process_proposal,
                      &abci_pb::Response::mutable_process_proposal);
    if (!answer) return answer;
    const auto lying = lie();
    if (lying == Lie::votes_for_nothing) {
        answer.value().set_status(abci_pb::ResponseProcessProposal::REJECT);
        told_(lying, block(request.height()));
    } else if (lying != Lie::none) {
        // It votes for its own lies as well.
        answer.value().set_status(abci_pb::ResponseProcessProposal::ACCEPT);
    }
    return answer;
}

Answer<abci_pb::ResponseFinalizeBlock> LyingApplication::finalize_block(
    const abci_pb::RequestFinalizeBlock& request) {
    auto answer = ask(honest_, request, &abci_pb::Request::mutable_finalize_block,
                      &abci_pb::Response::mutable_finalize_block);
    if (!answer) return answer;
    for (const auto& tx : request.txs()) bundles_.saw_ordered(tx);
    const auto lying = lie();
    if (lying == Lie::false_app_hash) {
        auto& hash = *answer.value().mutable_app_hash();
        hash.front() = static_cast<char>(hash.front() ^ 1);
        told_(lying, block(request.height()));
    } else if (lying == Lie::false_power) {
        auto& update = *answer.value().add_validator_updates();
        update.mutable_pub_key()->set_ed25519(bundles_.public_key());
        update.set_power(1'000'000);
        told_(lying, block(request.height()));
    }
    return answer;
}

Answer<abci_pb::ResponseListSnapshots> LyingApplication::list_snapshots(
    const abci_pb::RequestListSnapshots& request) {
    auto answer = ask(honest_, request, &abci_pb::Request::mutable_list_snapshots,
                      &abci_pb::Response::mutable_list_snapshots);
    const auto lying = lie();
    if (!answer || !is_about_snapshots(lying)) return answer;
    for (auto& snapshot : *answer.value().mutable_snapshots()) {
        abci_pb::RequestLoadSnapshotChunk first;
        first.set_height(snapshot.height());
        first.set_format(snapshot.format());
        snapshot = false_snapshot(lying, snapshot, [&] {
            auto chunk = ask(honest_, first, &abci_pb::Request::mutable_load_snapshot_chunk,
                             &abci_pb::Response::mutable_load_snapshot_chunk);
            return chunk ? chunk.value().chunk() : std::string{};
        });
        if (lying != Lie::snapshot_false_chunk)
            told_(lying, "snapshot of block " + std::to_string(snapshot.height()));
    }
    return answer;
}

Answer<abci_pb::ResponseLoadSnapshotChunk> LyingApplication::load_snapshot_chunk(
    const abci_pb::RequestLoadSnapshotChunk& request) {
    auto answer = ask(honest_, request, &abci_pb::Request::mutable_load_snapshot_chunk,
                      &abci_pb::Response::mutable_load_snapshot_chunk);
    const auto lying = lie();
    if (!answer || !is_about_snapshots(lying)) return answer;
    answer.value().set_chunk(
        false_chunk(lying, request.chunk(), std::move(*answer.value().mutable_chunk())));
    if (lying == Lie::snapshot_false_chunk && request.chunk() == 0)
        told_(lying, "a chunk of the snapshot of block " + std::to_string(request.height()));
    return answer;
}

}  // namespace tallystick::traitor
