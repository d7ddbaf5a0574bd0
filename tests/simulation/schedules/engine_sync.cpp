#include <algorithm>

#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "simulation/schedules/engine.hpp"

/// How an engine begins, catches up with the others, and keeps them up to date.
namespace tallystick::simulation {
namespace {

constexpr Millis retry_ms = 300;
constexpr Millis block_ms = 2;
constexpr Millis gossip_ms = 100;
constexpr std::size_t restores_max = 25;

}  // namespace

Engine::Engine(EngineHost& host, EngineFiles& files, const ChainGenesis& genesis,
               EngineOptions options)
    : host_(host),
      files_(files),
      genesis_(genesis),
      options_(options),
      address_(address_of(host.key().public_key()).str()) {}

void Engine::start() {
    if (options_.state_sync) {
        // Nothing is asked before there is a snapshot.
        mode_ = Mode::restoring;
        host_.later(retry_ms, [this] { restore(); });
        return;
    }
    handshake();
    begin_catching_up();
}

void Engine::begin_catching_up() {
    mode_ = Mode::catching_up;
    height_ = files_.state->last_height + 1;
    const auto& set = files_.state->validators;
    const bool is_only_one =
        set.validators_size() == 1 && address_text(set.validators(0)) == address_;
    if (is_only_one) {
        begin_deciding();
        return work();
    }
    host_.later(block_ms, [this] { catch_up(); });
}

void Engine::catch_up() {
    if (mode_ != Mode::catching_up) return;
    const auto peers = host_.peers();
    peers_seen_ = peers.size();
    if (peers.empty()) return host_.later(retry_ms, [this] { catch_up(); });
    const auto next = files_.state->last_height + 1;
    std::vector<Engine*> able;
    bool too_old = false;
    for (const auto& [index, peer] : peers) {
        const auto& blocks = peer->files_.blocks;
        if (blocks.contains(next) && blocks.contains(next + 1)) able.push_back(peer);
        too_old = too_old || (!blocks.empty() && peer->files_.base() > next);
    }
    if (able.empty()) {
        if (too_old) {
            host_.note("needs blocks that its peers have pruned");
            return host_.later(retry_ms, [this] { catch_up(); });
        }
        begin_deciding();
        return work();
    }
    auto* from = able[static_cast<std::size_t>(host_.dice().below(able.size()))];
    const auto block = from->files_.blocks.at(next).block;
    const auto commit = from->files_.blocks.at(next + 1).block->last_commit;
    ensure(is_valid_block(*block), "a peer's decided block is valid");
    store(block, commit);
    apply(*block);
    host_.later(block_ms, [this] { catch_up(); });
}

void Engine::restore() {
    if (mode_ != Mode::restoring) return;
    const auto peers = host_.peers();
    for (const auto& [index, peer] : peers) {
        auto offers = host_.fetch_snapshots(index);
        std::ranges::sort(offers,
                          [](const auto& a, const auto& b) { return a.height() > b.height(); });
        for (const auto& snapshot : offers)
            if (take_snapshot(index, snapshot)) return host_.restored();
    }
    if (++restores_ == restores_max) return host_.gives_up_on_snapshots();
    host_.later(retry_ms * 3, [this] { restore(); });
}

bool Engine::take_snapshot(std::size_t from, const abci_pb::Snapshot& snapshot) {
    const auto height = static_cast<std::int64_t>(snapshot.height());
    // The light client's blocks: the snapshot's, and the two after it.
    const Engine* witness = nullptr;
    for (const auto& [index, peer] : host_.peers())
        if (peer->files_.blocks.contains(height) && peer->files_.blocks.contains(height + 1) &&
            peer->files_.blocks.contains(height + 2))
            witness = peer;
    if (witness == nullptr) return false;
    const auto trusted = witness->files_.blocks.at(height + 1).block->header.app_hash();
    abci_pb::RequestOfferSnapshot offer;
    *offer.mutable_snapshot() = snapshot;
    offer.set_app_hash(trusted);
    using Offered = abci_pb::ResponseOfferSnapshot;
    const auto offered = ask("OfferSnapshot", &node::abci::Application::offer_snapshot, offer);
    host_.note("is offered a snapshot of " + std::to_string(height) + " by " +
               std::to_string(from) + ": " + Offered::Result_Name(offered.result()));
    if (offered.result() == Offered::ABORT)
        throw EngineStopped{"OfferSnapshot: the application gives up"};
    if (offered.result() != Offered::ACCEPT) return false;
    const auto senders = host_.peers();
    std::size_t tries = 0;
    for (std::uint32_t index = 0; index < snapshot.chunks();) {
        ensure(++tries < 1000, "a snapshot is taken in a bounded number of steps");
        const auto sender = tries % 3 == 0 ? host_.dice().pick(senders).first : from;
        abci_pb::RequestApplySnapshotChunk request;
        request.set_index(index);
        request.set_chunk(host_.fetch_chunk(sender, snapshot, index));
        request.set_sender(std::to_string(sender));
        if (request.chunk().empty()) continue;
        using Applied = abci_pb::ResponseApplySnapshotChunk;
        const auto applied =
            ask("ApplySnapshotChunk", &node::abci::Application::apply_snapshot_chunk, request);
        if (applied.result() == Applied::ABORT)
            throw EngineStopped{"ApplySnapshotChunk: the application gives up"};
        if (applied.result() == Applied::REJECT_SNAPSHOT) return false;
        if (applied.result() == Applied::ACCEPT && applied.refetch_chunks().empty()) ++index;
        for (const auto again : applied.refetch_chunks()) index = std::min(index, again);
        if (tries > 200) return false;
    }
    const auto info = ask("Info", &node::abci::Application::info, abci_pb::RequestInfo{});
    if (info.last_block_height() != height || info.last_block_app_hash() != trusted)
        throw EngineStopped{"state sync: the application is not what the snapshot said"};
    bootstrap(*witness, height);
    return true;
}

void Engine::bootstrap(const Engine& from, std::int64_t height) {
    const auto& blocks = from.files_.blocks;
    const auto& block = *blocks.at(height).block;
    EngineState state;
    state.last_height = height;
    state.last_id = block.id;
    state.last_time = block.header.time();
    state.last_validators = from.files_.validators.at(height);
    state.validators = from.files_.validators.at(height + 1);
    state.next_validators = from.files_.validators.at(height + 2);
    state.app_hash = blocks.at(height + 1).block->header.app_hash();
    state.last_results = block.txs.size();
    files_.validators[height] = state.last_validators;
    files_.validators[height + 1] = state.validators;
    files_.validators[height + 2] = state.next_validators;
    files_.state = state;
    files_.blocks.clear();
    // The engine keeps of this block only the commit; its header is served from there.
    files_.blocks[height] =
        StoredBlock{blocks.at(height).block, blocks.at(height + 1).block->last_commit};
    host_.note("was built from a snapshot of " + std::to_string(height));
}

void Engine::gossip() {
    if (mode_ != Mode::deciding) return;
    const auto peers = host_.peers();
    peers_seen_ = peers.size();
    if (!peers.empty()) {
        const auto& [index, peer] = peers[static_cast<std::size_t>(
            host_.dice().below(static_cast<std::uint64_t>(peers.size())))];
        gossip_to(index, *peer);
    }
    host_.later(gossip_ms, [this] { gossip(); });
}

void Engine::gossip_to(std::size_t to, Engine& peer) {
    if (peer.mode_ != Mode::deciding) return;
    const auto send_block = [&](const BlockPtr& block) {
        Message message;
        message.kind = Message::Kind::block;
        message.block = block;
        host_.send(to, message);
    };
    const auto send_votes = [&](const std::vector<Vote>& votes) {
        for (const auto& vote : votes) {
            Message message;
            message.vote = vote;
            host_.send(to, message);
        }
    };
    if (peer.height_ < height_) {
        const auto found = files_.blocks.find(peer.height_);
        if (found == files_.blocks.end()) return;
        const auto next = files_.blocks.find(peer.height_ + 1);
        send_votes(votes_of(next != files_.blocks.end() ? next->second.block->last_commit
                                                        : found->second.seen));
        return send_block(found->second.block);
    }
    if (peer.height_ > height_) return;
    if (proposal_ && proposal_->round == peer.round_ && !peer.proposal_) {
        Message message;
        message.kind = Message::Kind::proposal;
        message.height = height_;
        message.round = proposal_->round;
        message.pol_round = proposal_->pol_round;
        message.block = proposal_->block;
        host_.send(to, message);
    }
    for (auto& [place, votes] : votes_) {
        const auto theirs = peer.votes_.find(place);
        const auto known = theirs != peer.votes_.end() ? theirs->second.all() : std::vector<Vote>{};
        std::vector<Vote> lacking;
        for (const auto& vote : votes.all())
            if (std::ranges::find(known, vote) == known.end()) lacking.push_back(vote);
        send_votes(lacking);
        const auto decided = votes.two_thirds();
        if (!decided || decided->empty() || peer.known_block(*decided)) continue;
        if (const auto block = known_block(*decided)) send_block(block);
    }
    for (const auto& tx : mempool_.txs()) {
        if (peer.mempool_.has_seen(tx->hash)) continue;
        Message message;
        message.kind = Message::Kind::tx;
        message.tx = tx;
        host_.send(to, message);
    }
    for (const auto& evidence : pending_evidence_) {
        if (peer.pending_evidence_.contains(evidence)) continue;
        Message message;
        message.kind = Message::Kind::evidence;
        message.evidence = evidence;
        host_.send(to, message);
    }
}

std::optional<node::SubmitFault> Engine::check_tx(const Tx& tx) {
    if (mempool_.size() >= options_.mempool_max) return node::SubmitFault::full;
    if (mempool_.has_seen(tx->hash)) return std::nullopt;
    mempool_.see(tx->hash);
    abci_pb::RequestCheckTx request;
    request.set_tx(tx->bytes);
    const auto response = ask("CheckTx", &node::abci::Application::check_tx, request);
    if (response.code() != 0) {
        mempool_.forget(tx->hash);
        return node::SubmitFault::refused;
    }
    mempool_.add(tx);
    return std::nullopt;
}

void Engine::take_tx(const Tx& tx, std::optional<std::size_t>) {
    const bool is_new = !mempool_.has_seen(tx->hash);
    if (check_tx(tx) || !is_new) return;
    Message message;
    message.kind = Message::Kind::tx;
    message.tx = tx;
    host_.broadcast(message);
    txs_available();
}

Result<void, node::SubmitFault> Engine::submit(const std::string& tx) {
    if (mode_ == Mode::starting || mode_ == Mode::restoring)
        return Failure{node::SubmitFault::unreachable};
    const auto shared = make_tx(tx);
    const bool is_new = !mempool_.has_seen(shared->hash);
    if (const auto fault = check_tx(shared)) return Failure{*fault};
    if (is_new) {
        Message message;
        message.kind = Message::Kind::tx;
        message.tx = shared;
        host_.broadcast(message);
        txs_available();
        work();
    }
    return {};
}

}  // namespace tallystick::simulation
