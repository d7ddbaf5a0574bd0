#include <algorithm>

#include "protocol/block.hpp"
#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"
#include "simulation/schedules/engine.hpp"

/// Blocks: made, judged, stored, executed, committed, saved, and replayed after a crash.
namespace tallystick::simulation {
namespace {

constexpr std::int64_t block_frame_bytes = 16384;

Hash hash_from(const std::string& bytes) {
    const auto hash = Hash::from(bytes);
    ensure(hash.has_value(), "an app hash has 32 bytes");
    return *hash;
}

template <class Request>
void describe_block(Request& request, const Block& block) {
    for (const auto& tx : block.txs) request.add_txs(tx);
    set_misbehaviour(*request.mutable_misbehavior(), block.evidence);
    request.set_hash(block.hash());
    request.set_height(block.height());
    *request.mutable_time() = engine_time(block.header.time());
    request.set_next_validators_hash(block.header.next_validators_hash());
    request.set_proposer_address(block.header.proposer_address());
}

}  // namespace

void Engine::init_chain() {
    abci_pb::RequestInitChain request;
    *request.mutable_time() = engine_time(genesis_.time);
    request.set_chain_id(genesis_.chain_id);
    request.set_initial_height(genesis_.initial_height);
    request.set_app_state_bytes(genesis_.app_state);
    auto& bounds = *request.mutable_consensus_params()->mutable_block();
    bounds.set_max_bytes(block_bytes_max);
    bounds.set_max_gas(block_gas_max);
    for (const auto& validator : genesis_.validators.validators()) {
        auto& update = *request.add_validators();
        update.mutable_pub_key()->set_ed25519(validator.public_key());
        update.set_power(validator.power());
    }
    const auto response = ask("InitChain", &node::abci::Application::init_chain, request);
    if (files_.state->last_height < genesis_.initial_height)
        files_.state->app_hash = response.app_hash();
}

void Engine::handshake() {
    if (!files_.state) {
        EngineState state;
        state.last_height = genesis_.initial_height - 1;
        state.last_time = genesis_.time;
        state.validators = genesis_.validators;
        state.next_validators = genesis_.validators;
        files_.validators[genesis_.initial_height] = genesis_.validators;
        files_.validators[genesis_.initial_height + 1] = genesis_.validators;
        files_.state = state;
    }
    abci_pb::RequestInfo request;
    request.set_version("0.40.0");
    request.set_abci_version("2.0.0");
    const auto info = ask("Info", &node::abci::Application::info, request);
    if (info.last_block_height() == 0) init_chain();
    replay(info.last_block_height());
    const auto& state = *files_.state;
    const auto again = ask("Info", &node::abci::Application::info, request);
    const auto app_height = again.last_block_height();
    const auto expected = state.last_height < genesis_.initial_height ? 0 : state.last_height;
    ensure(app_height == expected, "after the handshake both are at one height");
    if (app_height != 0 && again.last_block_app_hash() != state.app_hash)
        throw EngineStopped{"handshake: the application's hash is not the engine's"};
}

void Engine::replay(std::int64_t app_height) {
    const auto first = genesis_.initial_height;
    const auto stored = std::max(files_.height(), first - 1);
    auto height = app_height == 0 ? first - 1 : app_height;
    if (height > stored) throw EngineStopped{"handshake: the application is ahead of the blocks"};
    if (files_.base() != 0 && height < files_.base() - 1)
        throw EngineStopped{"handshake: blocks that the application needs are pruned"};
    const auto saved = files_.state->last_height;
    ensure(saved == stored || saved + 1 == stored, "a state is saved after each block");
    // What the application missed, but for a last block whose state is not saved.
    while (height < saved) {
        const auto& block = *files_.blocks.at(++height).block;
        host_.note("replays block " + std::to_string(height));
        (void)finalize(block);
        (void)ask("Commit", &node::abci::Application::commit, abci_pb::RequestCommit{});
    }
    if (saved == stored) return;
    const auto& block = *files_.blocks.at(stored).block;
    if (height == stored) {
        // It has committed; only our state is behind: the stored results make it.
        host_.note("repeats the results of block " + std::to_string(stored));
        save(block, files_.responses.at(stored));
        return;
    }
    host_.note("applies block " + std::to_string(stored) + " again");
    apply(block);
}

void Engine::store(const BlockPtr& block, const pb::Commit& seen) {
    host_.point("block to store");
    files_.blocks[block->height()] = StoredBlock{block, seen};
    host_.point("block stored");
}

abci_pb::ResponseFinalizeBlock Engine::finalize(const Block& block) {
    abci_pb::RequestFinalizeBlock request;
    describe_block(request, block);
    if (block.height() != genesis_.initial_height)
        *request.mutable_decided_last_commit() =
            commit_info(block.last_commit, files_.validators.at(block.height() - 1));
    const auto response = ask("FinalizeBlock", &node::abci::Application::finalize_block, request);
    host_.finalized(block, response);
    if (response.tx_results_size() != static_cast<int>(block.txs.size()))
        throw EngineStopped{"FinalizeBlock: not one result a transaction"};
    for (const auto& result : response.tx_results())
        if (result.code() != 0 || !result.data().empty() || result.gas_wanted() != 0 ||
            result.gas_used() != 0)
            throw EngineStopped{"FinalizeBlock: a result says more than code 0"};
    return response;
}

void Engine::apply(const Block& block) {
    const auto response = finalize(block);
    host_.point("results to store");
    files_.responses[block.height()] = response;
    host_.point("results stored");
    auto next = files_.state->next_validators;
    if (const auto why = update_validators(next, response); !why.empty())
        throw EngineStopped{"validator updates: " + why};
    const auto retain = commit(block);
    update_mempool(block);
    for (const auto& evidence : block.evidence) pending_evidence_.erase(evidence);
    host_.point("state to save");
    save(block, response);
    host_.point("state saved");
    if (retain > 0) {
        if (retain > block.height())
            throw EngineStopped{"Commit: the height to retain is beyond the chain"};
        while (!files_.blocks.empty() && files_.blocks.begin()->first < retain)
            files_.blocks.erase(files_.blocks.begin());
    }
    host_.committed(block.height());
}

std::int64_t Engine::commit(const Block&) {
    return ask("Commit", &node::abci::Application::commit, abci_pb::RequestCommit{})
        .retain_height();
}

void Engine::save(const Block& block, const abci_pb::ResponseFinalizeBlock& response) {
    auto& state = *files_.state;
    state.last_height = block.height();
    state.last_id = block.id;
    state.last_time = block.header.time();
    state.last_validators = state.validators;
    state.validators = state.next_validators;
    const auto why = update_validators(state.next_validators, response);
    ensure(why.empty(), "updates are judged before they are saved");
    state.app_hash = response.app_hash();
    state.last_results = block.txs.size();
    files_.validators[block.height() + 2] = state.next_validators;
}

void Engine::update_mempool(const Block& block) {
    std::set<Hash> committed;
    for (const auto& tx : block.txs) {
        const auto hash = sha256(tx);
        committed.insert(hash);
        mempool_.see(hash);
    }
    mempool_.remove(committed);
    if (!options_.recheck) return;
    std::vector<Tx> kept;
    for (const auto& tx : mempool_.txs()) {
        abci_pb::RequestCheckTx request;
        request.set_tx(tx->bytes);
        request.set_type(abci_pb::RECHECK);
        if (ask("CheckTx", &node::abci::Application::check_tx, request).code() == 0)
            kept.push_back(tx);
        else
            mempool_.forget(tx->hash);
    }
    mempool_.replace(std::move(kept));
}

pb::Commit Engine::last_commit() const {
    if (height_ == genesis_.initial_height) return {};
    const auto& last = files_.blocks.at(height_ - 1);
    ensure(last_precommits_.has_value(), "a height begins with the votes for the one before");
    return last_precommits_->commit(*last.block, last.seen.round());
}

BlockPtr Engine::build(std::vector<std::string> txs, const pb::Commit& last_commit,
                       std::vector<Evidence> evidence, const std::string& proposer) const {
    const auto& state = *files_.state;
    auto made = std::make_shared<Block>();
    made->txs = std::move(txs);
    made->last_commit = last_commit;
    made->evidence = std::move(evidence);
    BlockParts parts;
    parts.chain_id = genesis_.chain_id;
    parts.height = state.last_height + 1;
    parts.time = parts.height == genesis_.initial_height
                     ? genesis_.time
                     : median_time(last_commit, state.last_validators);
    if (parts.height != genesis_.initial_height) {
        parts.last_block_id = state.last_id;
        parts.last_commit = last_commit;
    }
    parts.bundles = made->txs;
    parts.validators = state.validators;
    parts.next_validators = state.next_validators;
    parts.app_hash = hash_from(state.app_hash);
    parts.last_results = state.last_results;
    const auto address = ValidatorAddress::from(proposer);
    ensure(address.has_value(), "an address has 20 bytes");
    parts.proposer = *address;
    auto block = tallystick::make_block(parts);
    made->header = std::move(block.header);
    made->id = std::move(block.block_id);
    if (!made->evidence.empty()) {
        made->header.set_evidence_hash(evidence_hash(made->evidence));
        made->id.set_hash(header_hash(made->header).str());
        *made->id.mutable_part_set_header() =
            part_set_header(encode_block(made->header, made->txs, parts.last_commit));
    }
    return made;
}

BlockPtr Engine::make_block() {
    const auto commit = last_commit();
    const auto& state = *files_.state;
    std::vector<Evidence> evidence;
    for (const auto& each : pending_evidence_) evidence.push_back(each);
    abci_pb::RequestPrepareProposal request;
    request.set_max_tx_bytes(block_bytes_max - block_frame_bytes);
    std::int64_t bytes = 0;
    for (const auto& tx : mempool_.txs()) {
        bytes += static_cast<std::int64_t>(tx->bytes.size()) + 8;
        if (bytes > request.max_tx_bytes()) break;
        request.add_txs(tx->bytes);
    }
    set_misbehaviour(*request.mutable_misbehavior(), evidence);
    request.set_height(height_);
    const bool first = height_ == genesis_.initial_height;
    *request.mutable_time() =
        engine_time(first ? genesis_.time : median_time(commit, state.last_validators));
    request.set_next_validators_hash(validators_hash(state.next_validators).str());
    request.set_proposer_address(address_);
    if (!first) {
        const auto info = commit_info(commit, state.last_validators);
        auto& extended = *request.mutable_local_last_commit();
        extended.set_round(info.round());
        for (const auto& vote : info.votes()) {
            auto& each = *extended.add_votes();
            *each.mutable_validator() = vote.validator();
            each.set_block_id_flag(vote.block_id_flag());
        }
    }
    const auto response =
        ask("PrepareProposal", &node::abci::Application::prepare_proposal, request);
    std::vector<std::string> txs{response.txs().begin(), response.txs().end()};
    std::int64_t total = 0;
    for (const auto& tx : txs) total += static_cast<std::int64_t>(tx.size());
    if (total > request.max_tx_bytes())
        throw EngineStopped{"PrepareProposal: more bytes than a block may hold"};
    host_.alter_proposal(txs);
    return build(std::move(txs), commit, std::move(evidence), address_);
}

bool Engine::is_valid_block(const Block& block) const {
    const auto& state = *files_.state;
    if (block.height() != state.last_height + 1) return false;
    if (valid_.contains(block.hash())) return true;
    const bool first = block.height() == genesis_.initial_height;
    if (!first) {
        // Its last commit is one for our last block, by more than two thirds of its validators.
        std::int64_t power = 0;
        if (block.last_commit.block_id().hash() != state.last_id.hash()) return false;
        for (const auto& slot : block.last_commit.signatures())
            if (slot.block_id_flag() == pb::BLOCK_ID_FLAG_COMMIT)
                if (const auto* signer =
                        find_validator(state.last_validators, slot.validator_address()))
                    power += signer->power();
        if (!is_two_thirds_majority(power, total_power(state.last_validators))) return false;
    }
    for (const auto& evidence : block.evidence)
        if (!host_.is_true(evidence) || evidence.height >= block.height()) return false;
    const auto expected =
        build(block.txs, block.last_commit, block.evidence, block.header.proposer_address());
    if (expected->hash() != block.hash()) return false;
    valid_.insert(block.hash());
    return true;
}

bool Engine::process(const Block& block) {
    abci_pb::RequestProcessProposal request;
    describe_block(request, block);
    if (block.height() != genesis_.initial_height)
        *request.mutable_proposed_last_commit() =
            commit_info(block.last_commit, files_.state->last_validators);
    const auto response =
        ask("ProcessProposal", &node::abci::Application::process_proposal, request);
    const auto status = response.status();
    ensure(status != abci_pb::ResponseProcessProposal::UNKNOWN, "a proposal is judged");
    const bool accepted = status == abci_pb::ResponseProcessProposal::ACCEPT;
    host_.judged(block, accepted);
    return accepted;
}

Result<node::SignedHeader, std::string> Engine::signed_header(std::uint64_t height) const {
    const auto wanted = static_cast<std::int64_t>(height);
    const auto found = files_.blocks.find(wanted);
    if (found == files_.blocks.end())
        return Failure{"block " + std::to_string(height) + " is not here"};
    node::SignedHeader served;
    served.header = found->second.block->header;
    const auto next = files_.blocks.find(wanted + 1);
    served.canonical = next != files_.blocks.end();
    served.commit = served.canonical ? next->second.block->last_commit : found->second.seen;
    return served;
}

}  // namespace tallystick::simulation
