#include "ledger/store/snapshot.hpp"

#include <utility>

#include "ledger/store/chain_store.hpp"
#include "ledger/store/record.hpp"
#include "ledger/store/state_store.hpp"
#include "protocol/canonical.hpp"
#include "protocol/state_proof.hpp"

namespace tallystick::ledger {

namespace {

pb::BlockRecord record_with_header(const ChainReader& chain, std::uint64_t height) {
    chain.check_kept(height);
    auto record = chain.block(height).record;
    if (!record.has_header())
        throw LmdbFailure{{StoreFault::not_found, "the header of block " + std::to_string(height) +
                                                      " has not arrived yet: ask again"}};
    return record;
}

/// The log's nodes before its first entry here are known only as far as they lie on its edge.
void check_log_kept(const ChainReader& chain, std::uint64_t size) {
    const auto first = chain.shape().first_entry;
    if (size == 0 || size >= first) return;
    throw LmdbFailure{{StoreFault::not_found, "the log of " + std::to_string(size) +
                                                  " entries is not kept on this node, whose first "
                                                  "entry is " +
                                                  std::to_string(first) +
                                                  ": ask a node that keeps everything"}};
}

}  // namespace

StoreSnapshot::StoreSnapshot(std::unique_ptr<ChainReader> chain, std::unique_ptr<StateReader> state)
    : chain_(std::move(chain)), state_(std::move(state)) {}
StoreSnapshot::~StoreSnapshot() = default;

std::uint64_t StoreSnapshot::state_height() const noexcept {
    return state_->height();
}
const TreeSnapshot& StoreSnapshot::tree() const noexcept {
    return state_->tree();
}
const LeafSource& StoreSnapshot::state() const noexcept {
    return *state_;
}
const std::optional<StoreError>& StoreSnapshot::damage() const noexcept {
    return state_->damage();
}
std::uint64_t StoreSnapshot::chain_height() const noexcept {
    return chain_->height();
}
std::uint64_t StoreSnapshot::log_size() const noexcept {
    return chain_->log_size();
}

std::uint64_t StoreSnapshot::base_height() const noexcept {
    return chain_->shape().base_height;
}
std::uint64_t StoreSnapshot::first_entry() const noexcept {
    return chain_->shape().first_entry;
}
std::uint64_t StoreSnapshot::first_entry_with_block() const noexcept {
    return chain_->shape().first_entry_with_block;
}
const std::vector<SegmentStart>& StoreSnapshot::segments() const noexcept {
    return chain_->shape().segments;
}

StoreResult<pb::ValidatorSet> StoreSnapshot::validators(std::uint64_t height) const {
    return guarded([&] {
        chain_->check_kept(height);
        return chain_->validators(height).validators;
    });
}

StoreResult<std::vector<ValidatorsFrom>> StoreSnapshot::validator_sets() const {
    return guarded([&] { return chain_->validator_sets(); });
}

StoreResult<std::optional<std::string>> StoreSnapshot::value(const std::string& key) const {
    return guarded([&]() -> std::optional<std::string> {
        const auto found = state_->value(key);
        return found ? std::optional<std::string>{*found} : std::nullopt;
    });
}

StoreResult<pb::StateItem> StoreSnapshot::prove(const std::string& key) const {
    return guarded([&] {
        pb::StateItem item;
        item.set_key(key);
        const auto path = sparse::path_of(key);
        if (const auto found = state_->value(key)) {
            item.set_present(true);
            item.set_value(std::string{*found});
        } else {
            item.set_value(path.str());  // binds the key: see protocol/state_proof.hpp
        }
        *item.mutable_proof() = state_->tree().prove(path);
        return item;
    });
}

StoreResult<void> StoreSnapshot::for_each_leaf(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view, std::string_view)>& take) const {
    return guarded([&] { state_->scan(prefix, from, take); });
}

StoreResult<pb::BlockRecord> StoreSnapshot::block(std::uint64_t height) const {
    return guarded([&] {
        chain_->check_kept(height);
        auto [extent, record] = chain_->block(height);
        for (auto& bundle : chain_->bundles(height, extent)) record.add_bundles(std::move(bundle));
        for (std::uint64_t i = 0; i < extent.entries; ++i)
            record.add_entries(chain_->entry(extent.first_entry + i));
        return record;
    });
}

StoreResult<pb::Header> StoreSnapshot::header(std::uint64_t height) const {
    return guarded([&] { return record_with_header(*chain_, height).header(); });
}

StoreResult<pb::Commit> StoreSnapshot::commit(std::uint64_t height) const {
    return guarded([&] { return record_with_header(*chain_, height).commit(); });
}

StoreResult<pb::AppState> StoreSnapshot::app_state(std::uint64_t height) const {
    return guarded([&] { return chain_->block(height).record.app_state(); });
}

StoreResult<std::uint64_t> StoreSnapshot::log_size_at(std::uint64_t height) const {
    return guarded([&] {
        const auto extent = chain_->block(height).extent;
        return extent.first_entry + extent.entries;
    });
}

StoreResult<std::string> StoreSnapshot::entry(std::uint64_t index) const {
    return guarded([&] { return chain_->entry(index); });
}

StoreResult<std::optional<std::uint64_t>> StoreSnapshot::find_entry(const EnvelopeId& id) const {
    return guarded([&] { return chain_->find(id); });
}

StoreResult<std::optional<std::uint64_t>> StoreSnapshot::find_entry(
    const EnvelopeId& id, std::uint64_t valid_until) const {
    return guarded([&] { return chain_->find(id, valid_until); });
}

StoreResult<std::optional<std::uint64_t>> StoreSnapshot::find_live_entry(
    const EnvelopeId& id, std::uint64_t valid_until) const {
    return guarded([&] { return chain_->find_used(id, valid_until); });
}

StoreResult<std::vector<std::uint64_t>> StoreSnapshot::entries_of_account(std::string_view account,
                                                                          std::uint64_t before,
                                                                          std::size_t most) const {
    return guarded([&] { return chain_->of_account(account, before, most); });
}

StoreResult<std::optional<std::string>> StoreSnapshot::envelope_of_entry(
    std::uint64_t index) const {
    return guarded([&]() -> std::optional<std::string> {
        const auto entry = decode_canonical_as<pb::LogEntry>(chain_->entry(index));
        if (!entry) fail_damaged("chain/entries " + std::to_string(index), "not an entry");
        if (entry->outcome().has_due()) return std::nullopt;
        chain_->check_kept(entry->height());
        const auto block = chain_->block(entry->height());
        for (const auto& bytes : chain_->bundles(entry->height(), block.extent)) {
            pb::Bundle bundle;
            pb::BundleBody body;
            if (!bundle.ParseFromString(bytes) || !body.ParseFromString(bundle.body()))
                fail_damaged("chain/bundles height " + std::to_string(entry->height()),
                             "not a bundle");
            for (const auto& envelope : body.envelopes())
                if (sha256(envelope).text() == entry->envelope_hash()) return envelope;
        }
        fail_damaged("chain/bundles height " + std::to_string(entry->height()),
                     "the envelope of entry " + std::to_string(index) + " is missing");
    });
}

StoreResult<pb::LogItem> StoreSnapshot::prove_entry(std::uint64_t index, std::uint64_t size) const {
    return guarded([&] {
        check_log_kept(*chain_, size);
        pb::LogItem item;
        item.set_entry(chain_->entry(index));
        item.set_index(index);
        const auto path = log_inclusion_path(
            index, size, [this](LogNodeId id) { return std::optional{chain_->node(id)}; });
        for (const auto& hash : *path) item.add_path(hash.str());
        return item;
    });
}

StoreResult<std::vector<Hash>> StoreSnapshot::log_edge_of(std::uint64_t size) const {
    return guarded([&] {
        check_log_kept(*chain_, size);
        std::vector<Hash> edge;
        for (const auto id : log_edge(size)) edge.push_back(chain_->node(id));
        return edge;
    });
}

StoreResult<std::vector<Hash>> StoreSnapshot::prove_consistency(std::uint64_t first,
                                                                std::uint64_t second) const {
    return guarded([&] {
        check_log_kept(*chain_, first);
        check_log_kept(*chain_, second);
        return *log_consistency_path(
            first, second, [this](LogNodeId id) { return std::optional{chain_->node(id)}; });
    });
}

}  // namespace tallystick::ledger
