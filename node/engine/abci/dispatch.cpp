#include "node/engine/abci/dispatch.hpp"

#include "node/engine/abci/framing.hpp"
#include "node/engine/abci/messages.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::node::abci {
namespace {

using abci_pb::Request;
using abci_pb::Response;

Answer<Response> not_offered(const std::string& what) {
    return Failure{"This node does not offer " + what +
                   ": the engine's configuration or the chain's parameters are not those of this "
                   "ledger."};
}

/// Puts an answer into the field of a response that is meant for it.
template <class One>
Answer<Response> as_response(Answer<One> answer, One* (Response::*field)()) {
    if (!answer) return Failure{answer.error()};
    Response response;
    *(response.*field)() = std::move(answer).value();
    return response;
}

Answer<Response> ask(const Request& request, Application& application) {
    Response response;
    switch (request.value_case()) {
        case Request::kEcho:
            response.mutable_echo()->set_message(request.echo().message());
            return response;
        case Request::kFlush: response.mutable_flush(); return response;
        case Request::kInfo:
            return as_response(application.info(request.info()), &Response::mutable_info);
        case Request::kInitChain:
            return as_response(application.init_chain(request.init_chain()),
                               &Response::mutable_init_chain);
        case Request::kQuery:
            return as_response(application.query(request.query()), &Response::mutable_query);
        case Request::kCheckTx:
            return as_response(application.check_tx(request.check_tx()),
                               &Response::mutable_check_tx);
        case Request::kCommit:
            return as_response(application.commit(request.commit()), &Response::mutable_commit);
        case Request::kListSnapshots:
            return as_response(application.list_snapshots(request.list_snapshots()),
                               &Response::mutable_list_snapshots);
        case Request::kOfferSnapshot:
            return as_response(application.offer_snapshot(request.offer_snapshot()),
                               &Response::mutable_offer_snapshot);
        case Request::kLoadSnapshotChunk:
            return as_response(application.load_snapshot_chunk(request.load_snapshot_chunk()),
                               &Response::mutable_load_snapshot_chunk);
        case Request::kApplySnapshotChunk:
            return as_response(application.apply_snapshot_chunk(request.apply_snapshot_chunk()),
                               &Response::mutable_apply_snapshot_chunk);
        case Request::kPrepareProposal:
            return as_response(application.prepare_proposal(request.prepare_proposal()),
                               &Response::mutable_prepare_proposal);
        case Request::kProcessProposal:
            return as_response(application.process_proposal(request.process_proposal()),
                               &Response::mutable_process_proposal);
        case Request::kFinalizeBlock:
            return as_response(application.finalize_block(request.finalize_block()),
                               &Response::mutable_finalize_block);
        case Request::kExtendVote:
        case Request::kVerifyVoteExtension: return not_offered("vote extensions");
        case Request::kInsertTx:
        case Request::kReapTxs: return not_offered("a mempool of its own");
        case Request::VALUE_NOT_SET: break;
    }
    return Failure{
        std::string{"A request is of no kind that this node knows: the engine is not "
                    "of the version that this node was built for."}};
}

std::string framed(const Response& response) {
    const auto bytes = response.ByteSizeLong();
    std::string stream;
    stream.reserve(bytes + 10);
    append_length(stream, bytes);
    ensure(response.AppendToString(&stream), "an answer of ours can be written");
    return stream;
}

}  // namespace

Reply exception_reply(std::string sentence) {
    ensure(!sentence.empty(), "an exception says what is wrong");
    Response response;
    response.mutable_exception()->set_error(sentence);
    return Reply{framed(response), std::move(sentence)};
}

Reply reply_to(std::string_view request, Application& application) {
    Request decoded;
    if (request.size() > request_bytes_max ||
        !decoded.ParseFromArray(request.data(), static_cast<int>(request.size())))
        return exception_reply("The bytes of a message are no request of the engine's.");
    const auto answer = ask(decoded, application);
    if (!answer)
        return exception_reply(answer.error().empty() ? "The node cannot go on." : answer.error());
    return Reply{framed(answer.value()), {}};
}

}  // namespace tallystick::node::abci
