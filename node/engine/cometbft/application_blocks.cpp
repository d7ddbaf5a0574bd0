#include <algorithm>
#include <chrono>

#include "ledger/validators.hpp"
#include "node/engine/cometbft/candidate.hpp"
#include "node/log.hpp"
#include "protocol/crypto.hpp"
#include "protocol/timestamp.hpp"

/// Decided blocks: executed in memory by FinalizeBlock, made durable by Commit.
namespace tallystick::node {
namespace {

/// Encoding is shared out only where there is something to share.
constexpr std::size_t entries_per_part_min = 128;
constexpr std::size_t parts_max = 16;

pb::MisbehaviourKind kind_of(abci_pb::MisbehaviorType type) {
    if (type == abci_pb::MisbehaviorType::DUPLICATE_VOTE)
        return pb::MISBEHAVIOUR_KIND_DUPLICATE_VOTE;
    if (type == abci_pb::MisbehaviorType::LIGHT_CLIENT_ATTACK)
        return pb::MISBEHAVIOUR_KIND_LIGHT_CLIENT_ATTACK;
    return pb::MISBEHAVIOUR_KIND_UNSPECIFIED;
}

pb::Misbehaviour misbehaviour_from(const abci_pb::Misbehavior& evidence) {
    pb::Misbehaviour made;
    made.set_kind(kind_of(evidence.type()));
    made.set_address(evidence.validator().address());
    made.set_power(
        static_cast<std::uint64_t>(std::max<std::int64_t>(evidence.validator().power(), 0)));
    made.set_height(static_cast<std::uint64_t>(std::max<std::int64_t>(evidence.height(), 0)));
    *made.mutable_time() = timestamp_of(evidence.time());
    made.set_total_power(
        static_cast<std::uint64_t>(std::max<std::int64_t>(evidence.total_voting_power(), 0)));
    return made;
}

/// Did this address sign, for the block or for none?
bool has_signed(const abci_pb::CommitInfo& commit, const ValidatorAddress& address) {
    return std::ranges::any_of(commit.votes(), [&](const abci_pb::VoteInfo& vote) {
        return vote.validator().address() == address.text() &&
               (vote.block_id_flag() == tendermint::types::BLOCK_ID_FLAG_COMMIT ||
                vote.block_id_flag() == tendermint::types::BLOCK_ID_FLAG_NIL);
    });
}

}  // namespace

abci::Answer<abci_pb::ResponseFinalizeBlock> CometbftApplication::finalize_block(
    const abci_pb::RequestFinalizeBlock& request) {
    const std::lock_guard lock{mutex_};
    if (auto failed = fault()) return Failure{std::move(*failed)};
    const auto height = static_cast<std::uint64_t>(request.height());
    // Asked again, after the engine's process died or because it replays: the same answer.
    if (candidate_ && candidate_->height == height && candidate_->hash.text() == request.hash()) {
        candidate_->is_replayed = candidate_->is_durable;
        return candidate_->response;
    }
    if (auto why = blocks_fault(request)) return Failure{fail(std::move(*why))};

    const auto begun = std::chrono::steady_clock::now();
    auto candidate = std::make_unique<Candidate>();
    candidate->height = height;
    candidate->hash = *Hash::from(request.hash());
    candidate->time = timestamp_of(request.time());
    if (auto why = take_bundles(request, *candidate)) return Failure{fail(std::move(*why))};
    for (const auto& evidence : request.misbehavior())
        candidate->misbehaviours.push_back(misbehaviour_from(evidence));
    execute(*candidate);
    answer_block(request, *candidate);
    counters_.execute_microseconds +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                       std::chrono::steady_clock::now() - begun)
                                       .count());
    candidate_ = std::move(candidate);
    return candidate_->response;
}

std::optional<std::string> CometbftApplication::blocks_fault(
    const abci_pb::RequestFinalizeBlock& request) const {
    const auto height = static_cast<std::uint64_t>(request.height());
    const auto here = [&] { return "block " + std::to_string(height) + " of the engine"; };
    if (candidate_ && candidate_->height == height)
        return "There are two decided blocks of height " + std::to_string(height) +
               ", which is a fork: " + to_hex(candidate_->hash.view()) +
               " was executed here, and "
               "the engine now gives " +
               to_hex(bytes_of(request.hash())) +
               ". Keep this data folder as evidence and ask the other authorities.";
    if (height != store_.height() + 1)
        return "The engine gives block " + std::to_string(request.height()) +
               ", but the next one here is " + std::to_string(store_.height() + 1) +
               ". Were the engine's files taken from another moment than the ledger's?";
    if (is_over(height))
        return "The segment ended with block " + std::to_string(*last_height_) + "; " + here() +
               " is none of this ledger's.";
    if (request.hash().size() != Hash::size) return "The hash of " + here() + " has no 32 bytes.";
    const auto time = timestamp_of(request.time());
    if (!is_valid(time) || (store_.height() != 0 && compare(time, store_.block_time()) <= 0))
        return "The time of " + here() + " is not later than that of the block before.";
    {
        const std::lock_guard writer{writer_mutex_};
        if (auto why = ledger::why_not_executable(store_.view())) return why;
    }
    if (hooks_.signed_elsewhere && has_signed(request.decided_last_commit(), address_))
        if (auto why = hooks_.signed_elsewhere(height - 1)) return why;
    return std::nullopt;
}

std::optional<std::string> CometbftApplication::take_bundles(
    const abci_pb::RequestFinalizeBlock& request, Candidate& candidate) {
    const auto count = static_cast<std::size_t>(request.txs_size());
    candidate.txs.reserve(count);
    candidate.tx_hashes.reserve(count);
    candidate.bundles.reserve(count);
    for (const auto& tx : request.txs()) {
        const auto hash = sha256(tx);
        auto bundle = pool_.take(tx, hash);
        if (!bundle || bundle->chain_id() != store_.chain_id()) break;
        candidate.txs.push_back(tx);
        candidate.tx_hashes.push_back(hash);
        candidate.bundles.push_back(std::move(bundle));
    }
    // Those that came with block sync, or were never proposed to us, are checked here.
    pool_.check_now(candidate.bundles);
    const auto all_sound = std::ranges::all_of(candidate.bundles, [](const auto& bundle) {
        return bundle->verdict() == ReceivedBundle::Verdict::sound;
    });
    if (candidate.bundles.size() != count || !all_sound)
        return "Block " + std::to_string(candidate.height) +
               " was decided, but holds what no honest node accepts: a bundle that is malformed or "
               "falsely signed. More than a third of the authorities' nodes must have voted "
               "against the rules. Keep this data folder as evidence.";
    const auto nodes = store_.nodes();
    for (const auto& bundle : candidate.bundles) {
        if (!std::ranges::binary_search(nodes, bundle->node_key())) continue;
        const auto& envelopes = bundle->envelopes();
        candidate.envelopes.insert(candidate.envelopes.end(), envelopes.begin(), envelopes.end());
    }
    return std::nullopt;
}

void CometbftApplication::execute(Candidate& candidate) {
    const std::lock_guard lock{writer_mutex_};
    ledger::BlockInput input;
    input.height = candidate.height;
    input.now = static_cast<std::uint64_t>(candidate.time.seconds());
    input.envelopes = candidate.envelopes;
    input.misbehaviours = candidate.misbehaviours;
    input.chain_id = store_.chain_id();
    auto result = ledger::execute_block(store_.ledger_id(), store_.view(), store_.used_ids(),
                                        store_.due(), input);
    candidate.encoded =
        std::make_shared<ledger::EncodedBlock>(ledger::begin_encoding(std::move(result)));
    auto& encoded = *candidate.encoded;
    const auto parts =
        std::clamp<std::size_t>(encoded.entries.size() / entries_per_part_min, 1, parts_max);
    checker_.spread(parts, [&](std::size_t part) {
        ledger::encode_part(encoded, candidate.envelopes, part, parts);
    });
    candidate.advanced = store_.advance(candidate.encoded, candidate.height, candidate.time);
}

void CometbftApplication::answer_block(const abci_pb::RequestFinalizeBlock& request,
                                       Candidate& candidate) const {
    auto& response = candidate.response;
    // What became of the envelopes is in the app hash; of a bundle nothing is said.
    for (int i = 0; i < request.txs_size(); ++i) response.add_tx_results();
    for (const auto& changed : candidate.advanced->validator_updates) {
        auto& update = *response.add_validator_updates();
        update.mutable_pub_key()->set_ed25519(changed.public_key());
        update.set_power(changed.power());
    }
    response.set_app_hash(app_hash_of(candidate.advanced->app_state).str());
}

abci::Answer<abci_pb::ResponseCommit> CometbftApplication::commit(const abci_pb::RequestCommit&) {
    const std::lock_guard lock{mutex_};
    if (auto failed = fault()) return Failure{std::move(*failed)};
    if (!candidate_ || (candidate_->is_durable && !candidate_->is_replayed))
        return Failure{std::string{"The engine wants a block committed that it has not given."}};
    abci_pb::ResponseCommit response;
    if (candidate_->is_durable) {
        candidate_->is_replayed = false;
        response.set_retain_height(static_cast<std::int64_t>(retain_height()));
        return response;
    }
    auto& candidate = *candidate_;
    ledger::BlockToStore to_store;
    to_store.height = candidate.height;
    to_store.block_hash = candidate.hash;
    to_store.time = candidate.time;
    to_store.bundles = candidate.txs;
    to_store.misbehaviours = candidate.misbehaviours;
    const ExecutedBlock block{to_store, candidate.encoded, *candidate.advanced};
    if (auto why = publisher_.write(block)) return Failure{fail(std::move(*why))};
    {
        const std::lock_guard writer{writer_mutex_};
        store_.settle(candidate.height);
    }
    const auto event = publisher_.show(block);
    after_commit(candidate);
    const auto& result = candidate.encoded->result;
    if (hooks_.committed)
        hooks_.committed({candidate.height, milliseconds_of(candidate.time), candidate.tx_hashes,
                          candidate.envelopes, result.envelopes, *event});

    auto kept = std::make_unique<Candidate>();
    kept->height = candidate.height;
    kept->hash = candidate.hash;
    kept->response = std::move(candidate.response);
    kept->is_durable = true;
    candidate_ = std::move(kept);
    response.set_retain_height(static_cast<std::int64_t>(retain_height()));
    return response;
}

void CometbftApplication::after_commit(const Candidate& candidate) {
    const auto wall = clocks_.wall_ms();
    for (const auto& hash : candidate.tx_hashes) {
        leave_mempool(hash);
        note_ordered(hash, wall);
    }
    forget_old_ordered();
    last_commit_ms_ = clocks_.steady_ms();
    beginning_.reset();
    ++counters_.blocks;
    if (candidate.txs.empty()) ++counters_.empty_blocks;
    for (const auto& misbehaviour : candidate.misbehaviours)
        log_event(LogLevel::error, "misbehaviour",
                  {{"node", to_hex(bytes_of(misbehaviour.address()))},
                   {"signed_twice_at", std::to_string(misbehaviour.height())},
                   {"recorded_at", std::to_string(candidate.height)}});
    note_state(!candidate.encoded->entries.empty());
}

std::uint64_t CometbftApplication::retain_height() {
    if (options_.retain_blocks == 0) return 0;
    const auto height = store_.height();
    if (height < options_.retain_blocks) return 0;
    // The follower still wants the newest header once more, with the commit that the next one
    // hashes.
    const auto headers = store_.headers_until();
    const auto newest = std::min(height - options_.retain_blocks, headers == 0 ? 0 : headers - 1);
    // Who takes a snapshot fetches the blocks after it from engines.
    const auto snapshot = snapshots_ == nullptr ? 0 : snapshots_->oldest();
    const auto retained = snapshot == 0 ? newest : std::min(newest, snapshot);
    if (retained <= first_height_) return 0;
    blocks_go_ = blocks_go_ || !hooks_.blocks_will_go || hooks_.blocks_will_go();
    return blocks_go_ ? retained : 0;
}

}  // namespace tallystick::node
