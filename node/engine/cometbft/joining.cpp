#include "node/engine/cometbft/joining.hpp"

#include <utility>

#include "ledger/store/snapshot_format.hpp"
#include "node/engine/abci/messages.hpp"
#include "node/log.hpp"
#include "protocol/canonical.hpp"
#include "protocol/header.hpp"

namespace tallystick::node {
namespace {

constexpr std::string_view peer_by_address = "/p2p/filter/addr/";
constexpr std::string_view peer_by_id = "/p2p/filter/id/";

Failure<std::string> no_ledger() {
    return Failure{std::string{
        "This node has no ledger yet and waits for a snapshot; nothing can be decided with it."}};
}

}  // namespace

JoiningApplication::JoiningApplication(Options options) : options_(std::move(options)) {}
JoiningApplication::~JoiningApplication() = default;

abci::Answer<abci_pb::ResponseInfo> JoiningApplication::info(const abci_pb::RequestInfo&) {
    const std::lock_guard lock{mutex_};
    abci_pb::ResponseInfo response;
    response.set_version(TALLYSTICK_VERSION);
    response.set_app_version(app_version);
    if (restored_height_ == 0) return response;
    response.set_last_block_height(static_cast<std::int64_t>(restored_height_));
    response.set_last_block_app_hash(trusted_.str());
    return response;
}

abci::Answer<abci_pb::ResponseQuery> JoiningApplication::query(
    const abci_pb::RequestQuery& request) {
    abci_pb::ResponseQuery response;
    const std::string_view path{request.path()};
    const bool is_known =
        path.starts_with(peer_by_address) ||
        (path.starts_with(peer_by_id) && options_.peers.contains(path.substr(peer_by_id.size())));
    if (is_known) return response;
    response.set_code(1);
    response.set_codespace("tallystick");
    response.set_log("This node has no ledger yet: it speaks to the peers that it was given.");
    return response;
}

abci::Answer<abci_pb::ResponseOfferSnapshot> JoiningApplication::offer_snapshot(
    const abci_pb::RequestOfferSnapshot& request) {
    using Offer = abci_pb::ResponseOfferSnapshot;
    const std::lock_guard lock{mutex_};
    Offer response;
    const auto& snapshot = request.snapshot();
    const auto trusted = Hash::from(request.app_hash());
    const auto answer = [&](Offer::Result result, const std::string& why) {
        log_event(LogLevel::info, "snapshot_offered",
                  {{"height", std::to_string(snapshot.height())}, {"answer", why}});
        response.set_result(result);
        return response;
    };
    if (restored_height_ != 0) return answer(Offer::ABORT, "there is a ledger now");
    if (snapshot.format() != ledger::snapshot_format_version)
        return answer(Offer::REJECT_FORMAT, "another format");
    const auto manifest = decode_canonical_as<pb::SnapshotManifest>(snapshot.metadata());
    if (!trusted || !manifest || manifest->height() != snapshot.height() ||
        static_cast<std::uint32_t>(manifest->chunks_size()) != snapshot.chunks() ||
        sha256(std::string_view{snapshot.metadata()}).text() != snapshot.hash())
        return answer(Offer::REJECT_SENDER, "its manifest is not whole");
    restore_.reset();  // one at a time stands in the folder beside
    ledger::SnapshotRestore::Options begin;
    begin.folder = options_.ledger;
    begin.genesis = options_.genesis;
    begin.manifest = snapshot.metadata();
    begin.trusted_app_hash = *trusted;
    auto begun = ledger::SnapshotRestore::begin(std::move(begin));
    if (!begun) {
        // Nobody honest offers what the verified header contradicts; the disk's fault is nothing
        // that another snapshot would mend.
        const auto fault = begun.error().fault;
        if (fault == ledger::StoreFault::unfit)
            return answer(Offer::REJECT_SENDER, begun.error().what);
        const bool is_newer = fault == ledger::StoreFault::newer_version;
        return answer(is_newer ? Offer::REJECT : Offer::ABORT, begun.error().what);
    }
    restore_ = std::move(*begun);
    trusted_ = *trusted;
    ++begun_;
    return answer(Offer::ACCEPT, "taken");
}

abci::Answer<abci_pb::ResponseApplySnapshotChunk> JoiningApplication::apply_snapshot_chunk(
    const abci_pb::RequestApplySnapshotChunk& request) {
    using Chunk = abci_pb::ResponseApplySnapshotChunk;
    const std::lock_guard lock{mutex_};
    Chunk response;
    const auto answer = [&](Chunk::Result result, const std::string& why) {
        log_event(LogLevel::warning, "snapshot_chunk_refused",
                  {{"chunk", std::to_string(request.index())}, {"reason", why}});
        response.set_result(result);
        return response;
    };
    if (!restore_) return answer(Chunk::REJECT_SNAPSHOT, "no snapshot was accepted");
    if (request.index() != restore_->next_chunk())
        return answer(Chunk::RETRY_SNAPSHOT, "the chunks are out of order");
    const auto failed = [&](const ledger::StoreError& error) {
        if (error.fault != ledger::StoreFault::unfit) return answer(Chunk::ABORT, error.what);
        if (restore_->is_hopeless()) {
            // The chunks are those of the manifest: who gives them made the snapshot, or would have
            // found it false. Without this a liar could offer one after the other.
            response.add_reject_senders(request.sender());
            restore_.reset();
            return answer(Chunk::REJECT_SNAPSHOT, error.what);
        }
        response.add_refetch_chunks(request.index());
        response.add_reject_senders(request.sender());
        return answer(Chunk::RETRY, error.what);
    };
    if (const auto added = restore_->add_chunk(request.chunk()); !added)
        return failed(added.error());
    response.set_result(Chunk::ACCEPT);
    if (restore_->next_chunk() < restore_->chunks()) return response;
    if (const auto finished = restore_->finish(); !finished) return failed(finished.error());
    restored_height_ = restore_->height();
    log_event(LogLevel::info, "snapshot_restored", {{"height", std::to_string(restored_height_)}});
    restore_.reset();
    if (options_.restored) options_.restored();
    return response;
}

abci::Answer<abci_pb::ResponseCheckTx> JoiningApplication::check_tx(
    const abci_pb::RequestCheckTx&) {
    abci_pb::ResponseCheckTx response;
    response.set_code(1);
    response.set_codespace("tallystick");
    response.set_log("This node has no ledger yet.");
    return response;
}

abci::Answer<abci_pb::ResponseListSnapshots> JoiningApplication::list_snapshots(
    const abci_pb::RequestListSnapshots&) {
    return abci_pb::ResponseListSnapshots{};
}

abci::Answer<abci_pb::ResponseLoadSnapshotChunk> JoiningApplication::load_snapshot_chunk(
    const abci_pb::RequestLoadSnapshotChunk&) {
    return abci_pb::ResponseLoadSnapshotChunk{};
}

abci::Answer<abci_pb::ResponseInitChain> JoiningApplication::init_chain(
    const abci_pb::RequestInitChain&) {
    return no_ledger();
}
abci::Answer<abci_pb::ResponsePrepareProposal> JoiningApplication::prepare_proposal(
    const abci_pb::RequestPrepareProposal&) {
    return no_ledger();
}
abci::Answer<abci_pb::ResponseProcessProposal> JoiningApplication::process_proposal(
    const abci_pb::RequestProcessProposal&) {
    return no_ledger();
}
abci::Answer<abci_pb::ResponseFinalizeBlock> JoiningApplication::finalize_block(
    const abci_pb::RequestFinalizeBlock&) {
    return no_ledger();
}
abci::Answer<abci_pb::ResponseCommit> JoiningApplication::commit(const abci_pb::RequestCommit&) {
    return no_ledger();
}

SnapshotProgress JoiningApplication::progress() const {
    const std::lock_guard lock{mutex_};
    if (!restore_) return {begun_, 0, 0};
    return {begun_, restore_->next_chunk(), restore_->chunks()};
}

Result<std::unique_ptr<Joining>, std::string> Joining::start(Options options,
                                                             const SigningKey& key) {
    std::unique_ptr<Joining> made{new Joining};
    auto* const self = made.get();
    self->running_ = std::make_shared<RunningEngine>();
    auto& running = *self->running_;
    JoiningApplication::Options application;
    application.ledger = std::move(options.ledger);
    application.genesis = std::move(options.genesis);
    application.peers = std::move(options.peers);
    application.restored = [self] {
        // What the engine asks next is for the node that comes of it.
        self->running_->application->hold();
        {
            const std::lock_guard lock{self->mutex_};
            self->restored_ = true;
        }
        self->changed_.notify_all();
    };
    running.joining = std::make_unique<JoiningApplication>(std::move(application));
    running.application = std::make_unique<SwitchableApplication>(*running.joining);
    running.process = options.make_process(key);
    auto* const process = running.process.get();
    auto opened = abci::Server::open(options.abci_socket, *running.application,
                                     [process](const std::string&) { process->expect_end(); });
    if (!opened) return Failure{opened.error()};
    running.server = std::move(*opened);
    if (auto started = running.process->start(); !started) return Failure{started.error()};
    return made;
}

Joining::~Joining() {
    if (!running_) return;
    // Calls that wait would wait for ever.
    running_->application->switch_to(*running_->joining);
    running_->process->stop();
    if (running_->server) running_->server->stop();
}

bool Joining::wait(std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, limit, [this] { return restored_; });
}

SnapshotProgress Joining::progress() const {
    return running_ ? running_->joining->progress() : SnapshotProgress{};
}

std::vector<std::string> Joining::not_ready() const {
    return running_ ? running_->process->not_ready() : std::vector<std::string>{};
}

std::shared_ptr<RunningEngine> Joining::hand_on() {
    ensure(restored_, "an engine is handed on once the snapshot is here");
    return std::exchange(running_, nullptr);
}

}  // namespace tallystick::node
