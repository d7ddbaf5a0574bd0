#include "node/engine/cometbft/candidate.hpp"
#include "protocol/crypto.hpp"

/// CheckTx: what may enter the mempool, and stay there after a block. Quick: the signatures of the
/// envelopes are left to the threads of the pipeline, whose verdict is there by the time that a
/// proposal needs it.
namespace tallystick::node {

abci::Answer<abci_pb::ResponseCheckTx> CometbftApplication::check_tx(
    const abci_pb::RequestCheckTx& request) {
    const auto hash = sha256(request.tx());
    const bool is_new = request.type() == abci_pb::CheckTxType::NEW;
    const std::lock_guard lock{mutex_};
    const auto fault = is_new ? judge_new(request.tx(), hash) : judge_again(request.tx(), hash);
    abci_pb::ResponseCheckTx response;
    if (!fault) return response;
    // A bundle that was refused anew leaves what an earlier, equal one put there as it is.
    if (!is_new) leave_mempool(hash);
    ++counters_.tx_refused;
    response.set_code(static_cast<std::uint32_t>(*fault));
    response.set_codespace("tallystick");
    response.set_log(std::string{tx_fault_sentence(*fault)});
    return response;
}

std::optional<TxFault> CometbftApplication::judge_new(std::string_view tx, const Hash& hash) {
    if (ordered_.contains(hash)) return TxFault::ordered_already;
    // The signature of the node first: without it a bundle has no name to hold anything against.
    const auto bundle = pool_.take(tx, hash);
    if (!bundle) return TxFault::malformed;
    auto fault = judge_place(*bundle);
    if (!fault) fault = judge_time(*bundle);
    if (!fault && !waiting_.contains(hash) &&
        flood_.excess(bundle->node_key(), tx.size(), clocks_.steady_ms()))
        fault = TxFault::flood;
    if (!fault && bundle->verdict() == ReceivedBundle::Verdict::unsound)
        fault = TxFault::bad_envelope;
    if (fault) {
        pool_.forget(hash);
        return fault;
    }
    if (waiting_.try_emplace(hash, Waiting{bundle->node_key(), tx.size(), clocks_.steady_ms()})
            .second)
        flood_.add(bundle->node_key(), tx.size());
    pool_.check_later(bundle);
    return std::nullopt;
}

std::optional<TxFault> CometbftApplication::judge_again(std::string_view tx, const Hash& hash) {
    if (ordered_.contains(hash)) return TxFault::ordered_already;
    const auto bundle = pool_.take(tx, hash);
    if (!bundle) return TxFault::malformed;
    if (const auto fault = judge_place(*bundle)) return fault;
    if (const auto fault = judge_time(*bundle)) return fault;
    if (bundle->verdict() == ReceivedBundle::Verdict::unsound) return TxFault::bad_envelope;
    return std::nullopt;
}

std::optional<TxFault> CometbftApplication::judge_place(const ReceivedBundle& bundle) const {
    if (bundle.chain_id() != store_.chain_id()) return TxFault::wrong_chain;
    // The last block is empty, so what comes while it is being made comes too late as well.
    if (last_height_) return TxFault::segment_ended;
    const std::lock_guard lock{published_mutex_};
    if (!std::ranges::binary_search(published_.nodes, bundle.node_key()))
        return TxFault::unknown_node;
    return std::nullopt;
}

std::optional<TxFault> CometbftApplication::judge_time(const ReceivedBundle& bundle) const {
    const auto now = clocks_.wall_ms();
    if (bundle.time_ms() + bundle_age_ms_max < now) return TxFault::too_old;
    if (bundle.time_ms() > now + bundle_ahead_ms_max) return TxFault::from_the_future;
    return std::nullopt;
}

void CometbftApplication::leave_mempool(const Hash& hash) {
    const auto found = waiting_.find(hash);
    if (found != waiting_.end()) {
        flood_.remove(found->second.node, found->second.size_bytes);
        waiting_.erase(found);
    }
    pool_.forget(hash);
}

void CometbftApplication::note_ordered(const Hash& hash, std::uint64_t time_ms) {
    if (ordered_.insert(hash).second) ordered_order_.emplace_back(time_ms, hash);
}

void CometbftApplication::forget_old_ordered() {
    const auto now = clocks_.wall_ms();
    // Older ones are refused for their age.
    while (!ordered_order_.empty() &&
           ordered_order_.front().first + bundle_age_ms_max + 2 * bundle_ahead_ms_max < now) {
        ordered_.erase(ordered_order_.front().second);
        ordered_order_.pop_front();
    }
}

}  // namespace tallystick::node
