#include <algorithm>

#include "node/engine/cometbft/candidate.hpp"
#include "node/log.hpp"
#include "protocol/crypto.hpp"

/// Proposals: which bundles this node proposes, and which proposals of others it votes for. A
/// proposal is judged by its bytes alone, so that all honest nodes say the same of it whatever
/// their state was when they looked.
namespace tallystick::node {
namespace {

/// What a transaction takes up in a block: a tag, its length, its bytes.
std::int64_t bytes_in_block(std::size_t tx_bytes) {
    std::size_t size = tx_bytes + 2;
    for (auto rest = tx_bytes >> 7; rest != 0; rest >>= 7) ++size;
    return static_cast<std::int64_t>(size);
}

}  // namespace

bool CometbftApplication::is_over(std::uint64_t height) const {
    return last_height_ && height > *last_height_;
}

bool CometbftApplication::wants_empty_block_first(
    const abci_pb::RequestPrepareProposal& request) const {
    // The first block bears the time of the genesis.
    if (static_cast<std::uint64_t>(request.height()) == first_height_ || !last_commit_ms_)
        return true;
    const auto silence_from = *last_commit_ms_ + options_.stale_ms;
    if (clocks_.steady_ms() <= silence_from) return false;
    // It was quiet unless something has waited all the while: then blocks are only slow, and one
    // that is empty would help nobody.
    return std::ranges::none_of(request.txs(), [&](const std::string& tx) {
        const auto found = waiting_.find(sha256(tx));
        return found != waiting_.end() && found->second.arrived_ms <= silence_from;
    });
}

abci::Answer<abci_pb::ResponsePrepareProposal> CometbftApplication::prepare_proposal(
    const abci_pb::RequestPrepareProposal& request) {
    const std::lock_guard lock{mutex_};
    if (auto failed = fault()) return Failure{std::move(*failed)};
    abci_pb::ResponsePrepareProposal response;
    if (last_height_ || wants_empty_block_first(request)) return response;

    // This node's own first: nobody else may have them. The mempool may have them too.
    std::vector<std::shared_ptr<const std::string>> own;
    if (hooks_.own_bundles) own = hooks_.own_bundles();
    std::vector<const std::string*> offered;
    offered.reserve(own.size() + static_cast<std::size_t>(request.txs_size()));
    for (const auto& bundle : own) offered.push_back(bundle.get());
    for (const auto& tx : request.txs()) offered.push_back(&tx);

    // First what fits, then one check of all of it: the threads share it better than one by one.
    std::vector<BundlePool::Bundle> bundles;
    std::vector<const std::string*> texts;
    std::unordered_set<Hash, FirstBytesOfHash> chosen;
    std::int64_t bytes = 0;
    std::size_t envelopes = 0;
    for (const auto* offer : offered) {
        if (bundles.size() >= options_.block_bundles_max) break;
        const auto& tx = *offer;
        const auto more = bytes_in_block(tx.size());
        if (bytes + more > request.max_tx_bytes()) break;
        const auto hash = sha256(tx);
        if (ordered_.contains(hash)) continue;
        auto bundle = pool_.take(tx, hash);
        if (!bundle || judge_place(*bundle) ||
            bundle->verdict() == ReceivedBundle::Verdict::unsound)
            continue;
        const auto count = bundle->envelope_count();
        if (!bundles.empty() && envelopes + count > options_.block_envelopes_max) break;
        if (!chosen.insert(hash).second) continue;
        bytes += more;
        envelopes += count;
        bundles.push_back(std::move(bundle));
        texts.push_back(offer);
    }
    pool_.check_now(bundles);
    for (std::size_t i = 0; i < bundles.size(); ++i)
        if (bundles[i]->verdict() == ReceivedBundle::Verdict::sound) response.add_txs(*texts[i]);
    return response;
}

abci::Answer<abci_pb::ResponseProcessProposal> CometbftApplication::process_proposal(
    const abci_pb::RequestProcessProposal& request) {
    const std::lock_guard lock{mutex_};
    if (auto failed = fault()) return Failure{std::move(*failed)};
    abci_pb::ResponseProcessProposal response;
    const auto rejected = proposal_fault(request);
    if (rejected) {
        ++counters_.proposals_rejected;
        log_event(LogLevel::warning, "proposal_rejected",
                  {{"height", std::to_string(request.height())},
                   {"proposer", to_hex(bytes_of(request.proposer_address()))},
                   {"reason", *rejected}});
    }
    response.set_status(rejected ? abci_pb::ResponseProcessProposal::REJECT
                                 : abci_pb::ResponseProcessProposal::ACCEPT);
    return response;
}

std::optional<std::string> CometbftApplication::proposal_fault(
    const abci_pb::RequestProcessProposal& request) {
    const auto height = static_cast<std::uint64_t>(request.height());
    if (is_over(height)) return "the segment has ended";
    if (last_height_ && request.txs_size() != 0) return "the last block of a segment is empty";
    if (static_cast<std::size_t>(request.txs_size()) > proposal_bundles_max)
        return "more bundles than a block may hold";

    std::vector<BundlePool::Bundle> bundles;
    bundles.reserve(static_cast<std::size_t>(request.txs_size()));
    std::unordered_set<Hash, FirstBytesOfHash> seen;
    std::size_t envelopes = 0;
    for (const auto& tx : request.txs()) {
        const auto hash = sha256(tx);
        auto bundle = pool_.take(tx, hash);
        if (!bundle) return "a bundle is malformed or its node did not sign it";
        if (bundle->chain_id() != store_.chain_id()) return "a bundle is of another chain";
        if (!seen.insert(hash).second) return "it holds a bundle twice";
        envelopes += bundle->envelope_count();
        if (envelopes > proposal_envelopes_max) return "more envelopes than a block may hold";
        bundles.push_back(std::move(bundle));
    }
    pool_.check_now(bundles);
    for (const auto& bundle : bundles)
        if (bundle->verdict() != ReceivedBundle::Verdict::sound)
            return "an envelope is malformed or has a false signature";
    return std::nullopt;
}

}  // namespace tallystick::node
