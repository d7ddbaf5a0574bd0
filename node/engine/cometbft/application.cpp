#include "node/engine/cometbft/application.hpp"

#include <algorithm>
#include <utility>

#include "ledger/validators.hpp"
#include "node/engine/cometbft/candidate.hpp"
#include "node/log.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick::node {
namespace {

constexpr std::string_view peer_by_address = "/p2p/filter/addr/";
constexpr std::string_view peer_by_id = "/p2p/filter/id/";

/// The validators that the engine's genesis names, as ours, sorted.
pb::ValidatorSet validators_of(const abci_pb::RequestInitChain& request) {
    pb::ValidatorSet set;
    for (const auto& update : request.validators()) {
        auto& validator = *set.add_validators();
        validator.set_public_key(update.pub_key().ed25519());
        validator.set_power(update.power());
    }
    sort_validators(set);
    return set;
}

/// The genesis of the engine carries the app hash of the state that its chain begins with as a JSON
/// string.
bool names_other_state(const std::string& app_state_bytes, const Hash& app_hash) {
    if (app_state_bytes.empty() || app_state_bytes == "{}") return false;
    return app_state_bytes != '"' + to_hex(app_hash.view()) + '"';
}

SnapshotOffer offer_from(const abci_pb::Snapshot& snapshot) {
    return {snapshot.height(), snapshot.format(), snapshot.chunks(), snapshot.hash(),
            snapshot.metadata()};
}

}  // namespace

pb::Timestamp timestamp_of(const google::protobuf::Timestamp& time) {
    return make_timestamp(time.seconds(), time.nanos());
}

std::string_view tx_fault_sentence(TxFault fault) noexcept {
    switch (fault) {
        case TxFault::malformed:
            return "This is no bundle, or the node that it names did not sign it.";
        case TxFault::wrong_chain: return "This bundle is of another chain.";
        case TxFault::segment_ended:
            return "This segment of the chain has ended; nothing more is ordered in it.";
        case TxFault::unknown_node:
            return "The node that made this bundle is none of the ledger's current nodes.";
        case TxFault::too_old: return "This bundle was made more than ten minutes ago.";
        case TxFault::from_the_future:
            return "This bundle was made more than a minute from now: a clock is wrong.";
        case TxFault::ordered_already: return "This bundle is in a block already.";
        case TxFault::flood:
            return "The node that made this bundle sends more than its share; it is cut off for a "
                   "while.";
        case TxFault::bad_envelope:
            return "This bundle holds an envelope that is malformed or has a false signature.";
    }
    return "";
}

CometbftApplication::CometbftApplication(const Parts& parts, ApplicationOptions options,
                                         Hooks hooks, const ValidatorAddress& address)
    : store_(parts.store),
      read_side_(parts.read_side),
      publisher_(parts.publisher),
      checker_(parts.checker),
      pool_(parts.pool),
      writer_mutex_(parts.writer_mutex),
      snapshots_(parts.snapshots),
      clocks_(parts.clocks),
      options_(std::move(options)),
      hooks_(std::move(hooks)),
      address_(address),
      first_height_(parts.store.segments().back().first_height),
      flood_(options_.flood) {
    if (store_.height() + 1 == first_height_)
        beginning_ = Beginning{store_.block_time(), app_hash_of(store_.app_state())};
    note_state(false);
}

CometbftApplication::~CometbftApplication() = default;

void CometbftApplication::note_state(bool block_follows) {
    Published now;
    now.height = store_.height();
    now.block_time_ms = milliseconds_of(store_.block_time());
    now.block_follows = block_follows;
    for (const auto& peer : options_.extra_peers) now.peers.insert(peer);
    {
        const std::lock_guard lock{writer_mutex_};
        const auto& view = store_.view();
        now.nodes.assign(store_.nodes().begin(), store_.nodes().end());
        const auto authorities = view.get(authorities_key());
        ensure(authorities != nullptr, "a ledger has authorities");
        for (const auto& handle : authorities->handles()) {
            const auto node = view.get(authority_node_key(handle));
            const auto key = node ? PublicKey::from(node->public_key()) : std::nullopt;
            ensure(key.has_value(), "every authority has a node");
            now.peers.insert(to_hex(address_of(*key).view()));
        }
        const auto parameters = view.get(parameters_key());
        ensure(parameters != nullptr, "a ledger has parameters");
        now.quiet_ms_max = parameters->trusting_period_seconds() * 1000 / 3;
        const auto handover = view.get(handover_key());
        if (handover && handover->initial_height() > first_height_)
            now.last_height = handover->initial_height() - 1;
        if (const auto* first = store_.due().first()) now.first_due = first->time;
        counters_.due_items = store_.due().size();
        counters_.overdue = now.first_due && *now.first_due <= now.block_time_ms / 1000;
    }
    last_height_ = now.last_height;
    const std::lock_guard lock{published_mutex_};
    published_ = std::move(now);
}

std::string CometbftApplication::fail(std::string sentence) {
    {
        const std::lock_guard lock{published_mutex_};
        if (fault_) return *fault_;
        fault_ = sentence;
    }
    log_event(LogLevel::error, "writing_stopped", {{"reason", sentence}});
    if (hooks_.failed) hooks_.failed(sentence);
    return sentence;
}

abci::Answer<abci_pb::ResponseInfo> CometbftApplication::info(const abci_pb::RequestInfo&) {
    {
        // What is in the mempool went with the process that was asked before this one.
        const std::lock_guard lock{mutex_};
        waiting_.clear();
        flood_.forget_waiting();
    }
    if (hooks_.engine_began) hooks_.engine_began();
    abci_pb::ResponseInfo response;
    response.set_data(store_.genesis().name());
    response.set_version(TALLYSTICK_VERSION);
    response.set_app_version(app_version);
    const auto head = read_side_.head();
    // The heights of this segment: the engine knows of no other.
    if (head.height >= first_height_) {
        response.set_last_block_height(static_cast<std::int64_t>(head.height));
        response.set_last_block_app_hash(head.app_hash.str());
    }
    return response;
}

abci::Answer<abci_pb::ResponseQuery> CometbftApplication::query(
    const abci_pb::RequestQuery& request) {
    abci_pb::ResponseQuery response;
    const std::string_view path{request.path()};
    // The engine asks whether it may keep a connection: first by address, which says nothing here,
    // then by the peer's key.
    if (path.starts_with(peer_by_address)) return response;
    const std::lock_guard lock{published_mutex_};
    if (path.starts_with(peer_by_id) && published_.peers.contains(path.substr(peer_by_id.size())))
        return response;
    response.set_code(1);
    response.set_codespace("tallystick");
    response.set_log(path.starts_with(peer_by_id)
                         ? "This peer is none of the ledger's nodes, nor one of extra_peers."
                         : "Nothing is served here: ask the node's API.");
    return response;
}

abci::Answer<abci_pb::ResponseInitChain> CometbftApplication::init_chain(
    const abci_pb::RequestInitChain& request) {
    const std::lock_guard lock{mutex_};
    const auto refuse = [this](const std::string& why) {
        return Failure{fail("The engine's genesis is not this ledger's: " + why +
                            " Stop the node and have it write the engine's files anew.")};
    };
    // A first block that was executed and is not durable will come again.
    if (!beginning_) return refuse("it begins a chain that has blocks here already.");
    if (request.chain_id() != store_.chain_id())
        return refuse("its chain is " + request.chain_id() + ", the ledger's is " +
                      store_.chain_id() + ".");
    if (request.initial_height() != static_cast<std::int64_t>(first_height_))
        return refuse("it begins at height " + std::to_string(request.initial_height()) +
                      ", the segment at " + std::to_string(first_height_) + ".");
    const auto order = compare(timestamp_of(request.time()), beginning_->time);
    if (first_height_ == 1 ? order != 0 : order <= 0)
        return refuse("its time is not the one that the ledger goes on from.");
    if (validators_of(request).SerializeAsString() !=
        store_.segment_validators().SerializeAsString())
        return refuse("its validators are not the nodes of the ledger's authorities.");
    const auto& block = request.consensus_params().block();
    if (block.max_bytes() != block_bytes_max || block.max_gas() != block_gas_max)
        return refuse("its bounds of a block are others.");
    if (names_other_state(request.app_state_bytes(), beginning_->app_hash))
        return refuse("it begins with another state; here it is " +
                      to_hex(beginning_->app_hash.view()) + ".");
    abci_pb::ResponseInitChain response;
    response.set_app_hash(beginning_->app_hash.str());
    return response;
}

std::vector<SnapshotOffer> CometbftApplication::offered_snapshots() const {
    if (snapshots_ == nullptr) return {};
    auto offers = snapshots_->list();
    // The engine that takes one wants the headers of the two blocks after it.
    const auto headers = store_.headers_until();
    std::erase_if(offers, [&](const SnapshotOffer& offer) { return offer.height + 2 > headers; });
    return offers;
}

abci::Answer<abci_pb::ResponseListSnapshots> CometbftApplication::list_snapshots(
    const abci_pb::RequestListSnapshots&) {
    abci_pb::ResponseListSnapshots response;
    if (snapshots_ == nullptr) return response;
    for (const auto& offer : offered_snapshots()) {
        auto& snapshot = *response.add_snapshots();
        snapshot.set_height(offer.height);
        snapshot.set_format(offer.format);
        snapshot.set_chunks(offer.chunks);
        snapshot.set_hash(offer.hash);
        snapshot.set_metadata(offer.metadata);
    }
    return response;
}

abci::Answer<abci_pb::ResponseLoadSnapshotChunk> CometbftApplication::load_snapshot_chunk(
    const abci_pb::RequestLoadSnapshotChunk& request) {
    abci_pb::ResponseLoadSnapshotChunk response;
    if (snapshots_ != nullptr)
        response.set_chunk(
            snapshots_->load_chunk(request.height(), request.format(), request.chunk()));
    return response;
}

abci::Answer<abci_pb::ResponseOfferSnapshot> CometbftApplication::offer_snapshot(
    const abci_pb::RequestOfferSnapshot& request) {
    using Offer = abci_pb::ResponseOfferSnapshot;
    abci_pb::ResponseOfferSnapshot response;
    response.set_result(Offer::ABORT);
    if (snapshots_ == nullptr) return response;
    switch (snapshots_->offer(offer_from(request.snapshot()), request.app_hash())) {
        case OfferVerdict::accept: response.set_result(Offer::ACCEPT); break;
        case OfferVerdict::abort: response.set_result(Offer::ABORT); break;
        case OfferVerdict::reject: response.set_result(Offer::REJECT); break;
        case OfferVerdict::reject_format: response.set_result(Offer::REJECT_FORMAT); break;
    }
    return response;
}

abci::Answer<abci_pb::ResponseApplySnapshotChunk> CometbftApplication::apply_snapshot_chunk(
    const abci_pb::RequestApplySnapshotChunk& request) {
    using Chunk = abci_pb::ResponseApplySnapshotChunk;
    abci_pb::ResponseApplySnapshotChunk response;
    response.set_result(Chunk::ABORT);
    if (snapshots_ == nullptr) return response;
    const auto answer = snapshots_->apply_chunk(request.index(), request.chunk());
    switch (answer.verdict) {
        case ChunkVerdict::accept: response.set_result(Chunk::ACCEPT); break;
        case ChunkVerdict::abort: response.set_result(Chunk::ABORT); break;
        case ChunkVerdict::retry: response.set_result(Chunk::RETRY); break;
        case ChunkVerdict::retry_snapshot: response.set_result(Chunk::RETRY_SNAPSHOT); break;
        case ChunkVerdict::reject_snapshot: response.set_result(Chunk::REJECT_SNAPSHOT); break;
    }
    for (const auto chunk : answer.refetch) response.add_refetch_chunks(chunk);
    if (answer.false_sender) response.add_reject_senders(request.sender());
    return response;
}

std::optional<std::string> CometbftApplication::fault() const {
    const std::lock_guard lock{published_mutex_};
    return fault_;
}

std::optional<std::uint64_t> CometbftApplication::last_height() const {
    const std::lock_guard lock{published_mutex_};
    return published_.last_height;
}

bool CometbftApplication::is_current_node(const PublicKey& key) const {
    const std::lock_guard lock{published_mutex_};
    return std::ranges::binary_search(published_.nodes, key);
}

std::size_t CometbftApplication::rank_of(const PublicKey& key) const {
    const std::lock_guard lock{published_mutex_};
    const auto place = std::ranges::lower_bound(published_.nodes, key);
    if (place == published_.nodes.end() || *place != key) return 0;
    return static_cast<std::size_t>(place - published_.nodes.begin());
}

std::optional<std::uint64_t> CometbftApplication::first_due() const {
    const std::lock_guard lock{published_mutex_};
    return published_.first_due;
}

std::uint64_t CometbftApplication::quiet_ms_max() const {
    const std::lock_guard lock{published_mutex_};
    return published_.quiet_ms_max;
}

std::uint64_t CometbftApplication::height() const {
    const std::lock_guard lock{published_mutex_};
    return published_.height;
}

std::uint64_t CometbftApplication::block_time_ms() const {
    const std::lock_guard lock{published_mutex_};
    return published_.block_time_ms;
}

bool CometbftApplication::block_follows() const {
    const std::lock_guard lock{published_mutex_};
    return published_.block_follows;
}

}  // namespace tallystick::node
