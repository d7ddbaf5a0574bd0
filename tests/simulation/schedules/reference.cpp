#include "simulation/schedules/reference.hpp"

#include <algorithm>

#include "ledger/block_stages.hpp"
#include "ledger/validators.hpp"
#include "protocol/ensure.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::simulation {
namespace {

pb::Misbehaviour misbehaviour_of(const Evidence& evidence) {
    pb::Misbehaviour made;
    made.set_kind(pb::MISBEHAVIOUR_KIND_DUPLICATE_VOTE);
    made.set_address(evidence.address);
    made.set_power(static_cast<std::uint64_t>(evidence.power));
    made.set_height(static_cast<std::uint64_t>(evidence.height));
    *made.mutable_time() = evidence.time;
    made.set_total_power(static_cast<std::uint64_t>(evidence.total_power));
    return made;
}

/// The updates as one text, in their order.
std::string text_of(const abci_pb::ResponseFinalizeBlock& response) {
    std::string text;
    for (const auto& update : response.validator_updates())
        text += to_hex(bytes_of(update.pub_key().ed25519())) + "=" +
                std::to_string(update.power()) + " ";
    return text;
}

std::string text_of(const std::vector<pb::Validator>& updates) {
    std::string text;
    for (const auto& update : updates)
        text += to_hex(bytes_of(update.public_key())) + "=" + std::to_string(update.power()) + " ";
    return text;
}

}  // namespace

Reference::Reference(const pb::Genesis& genesis, const LedgerId& ledger_id, std::string chain_id)
    : ledger_id_(ledger_id), chain_id_(std::move(chain_id)) {
    const auto leaves = ledger::genesis_state(genesis);
    ensure(leaves.has_value(), "a simulated ledger's genesis keeps the rules");
    state_.apply(*leaves);
    std::vector<ledger::TreeChange> changes;
    for (const auto& leaf : state_.leaves()) {
        changes.push_back(ledger::encode_change(leaf).leaf);
        ledger::refresh_due(due_, ledger_id_, leaf.first, state_);
    }
    std::ranges::sort(changes, {}, &ledger::TreeChange::path);
    tree_.update(changes);
    seconds_ = genesis.time();
    sets_[1] = ledger::validators_of(state_);
}

std::string Reference::app_hash() const {
    return tallystick::app_hash(tree_.root(), log_.root(), log_.size()).str();
}

std::string Reference::app_hash_at(std::uint64_t height) const {
    return done_.at(height).app_hash;
}

std::string Reference::header_hash_at(std::uint64_t height) const {
    return done_.at(height).hash;
}

std::vector<std::uint64_t> Reference::find(const EnvelopeId& id) const {
    std::vector<std::uint64_t> found;
    const auto [from, to] = by_id_.equal_range(id.str());
    for (auto at = from; at != to; ++at) found.push_back(at->second);
    return found;
}

void Reference::execute(const Block& block) {
    const auto height = static_cast<std::uint64_t>(block.height());
    if (height != height_ + 1)
        throw Broken{"block " + std::to_string(height) + " was executed before the one before it"};
    const auto before = ledger::validators_of(state_);
    std::vector<PublicKey> nodes;
    for (const auto& validator : before.validators())
        nodes.push_back(*PublicKey::from(validator.public_key()));
    std::ranges::sort(nodes);
    const auto envelopes = ledger::envelopes_of_bundles(block.txs, nodes);
    if (!envelopes)
        throw Broken{"block " + std::to_string(height) + " holds a malformed bundle or envelope"};
    std::vector<pb::Misbehaviour> misbehaviours;
    for (const auto& evidence : block.evidence) misbehaviours.push_back(misbehaviour_of(evidence));
    ledger::BlockInput input;
    input.height = height;
    input.now = static_cast<std::uint64_t>(block.header.time().seconds());
    input.envelopes = *envelopes;
    input.misbehaviours = misbehaviours;
    input.chain_id = chain_id_;
    const auto result = ledger::execute_block(ledger_id_, state_, used_, due_, input);
    state_.apply(result.changes);
    for (const auto& entry : result.entries)
        if (entry.valid_until() != 0)
            used_.insert(*EnvelopeId::from(entry.id()), entry.valid_until());
    due_items_ += result.due_items;
    const auto encoded = ledger::encode_block(result, *envelopes);
    std::vector<Hash> leaves;
    for (const auto& entry : encoded.entries) {
        leaves.push_back(entry.leaf);
        by_id_.emplace(entry.id.str(), entries_.size());
        entries_.push_back(entry.bytes);
    }
    log_.append(leaves);
    tree_.update(ledger::tree_changes(encoded));
    height_ = height;
    seconds_ = input.now;
    const auto after = ledger::validators_of(state_);
    auto& done = done_[height];
    done.hash = block.hash();
    done.app_hash = app_hash();
    done.updates = text_of(ledger::validator_updates(before, after));
    if (!done.updates.empty()) sets_[height + 2] = after;
}

void Reference::finalized(const Block& block, const abci_pb::ResponseFinalizeBlock& response) {
    const auto height = static_cast<std::uint64_t>(block.height());
    if (!done_.contains(height)) execute(block);
    const auto& done = done_.at(height);
    const auto at = " at height " + std::to_string(height);
    if (done.hash != block.hash()) throw Broken{"two blocks were decided" + at};
    if (done.app_hash != response.app_hash())
        throw Broken{"a node's app hash differs" + at + ": " + short_hex(response.app_hash()) +
                     " instead of " + short_hex(done.app_hash)};
    if (done.updates != text_of(response))
        throw Broken{"a node's validator updates differ" + at + ": " + text_of(response) +
                     " instead of " + done.updates};
}

}  // namespace tallystick::simulation
