#include "ledger/store/restore_parts.hpp"

#include <algorithm>
#include <utility>

#include "ledger/changed_leaf.hpp"
#include "ledger/store/snapshot_format.hpp"
#include "protocol/canonical.hpp"
#include "protocol/keys.hpp"
#include "protocol/state_proof.hpp"

namespace tallystick::ledger {

namespace {

constexpr std::size_t batch_bytes_max = 16777216;
/// Longer keys fit no table; the grammar of keys makes none.
constexpr std::size_t key_bytes_max = 511;

/// Is it a leaf that a state can have? What its value means is for the state root to vouch for.
bool is_leaf(const pb::StateLeaf& leaf) {
    if (leaf.key().size() > key_bytes_max || !parse_key(leaf.key())) return false;
    const auto* prototype = prototype_of(leaf.key());
    if (prototype == nullptr) return false;
    const std::unique_ptr<google::protobuf::Message> value{prototype->New()};
    return decode_canonical(leaf.value(), *value);
}

}  // namespace

std::optional<std::string_view> next_record(std::string_view& left) {
    constexpr std::size_t length_bytes_max = 4;
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes_max; ++i) {
        if (i == left.size()) return std::nullopt;
        const auto byte = static_cast<std::uint8_t>(left[i]);
        length |= static_cast<std::size_t>(byte & 0x7f) << (7 * i);
        if (byte & 0x80) continue;
        if (length > snapshot_record_bytes_max) break;
        if (left.size() - i - 1 < length) return std::nullopt;
        const auto record = left.substr(i + 1, length);
        left.remove_prefix(i + 1 + length);
        return record;
    }
    throw LmdbFailure{{StoreFault::unfit, "the snapshot holds a record that is too long"}};
}

RestoredLeaves::RestoredLeaves(const std::filesystem::path& folder, std::uint64_t map_bytes,
                               const LedgerId& ledger_id)
    : ledger_id_(ledger_id), state_(folder, map_bytes, false) {}

bool RestoredLeaves::add(const pb::StateLeaf& leaf) {
    if (leaf.key() <= last_key_ || !is_leaf(leaf)) return false;
    last_key_ = leaf.key();
    hashes_.push_back({sparse::path_of(leaf.key()), sha256(leaf.value())});
    batch_bytes_ += leaf.key().size() + leaf.value().size();
    batch_.push_back(leaf);
    if (batch_bytes_ >= batch_bytes_max) flush(0);
    return true;
}

void RestoredLeaves::flush(std::uint64_t height) {
    std::vector<EncodedChange> changes;
    changes.reserve(batch_.size());
    for (const auto& leaf : batch_) changes.push_back({leaf.key(), leaf.value(), {}});
    state_.apply(changes, height, ledger_id_);
    batch_.clear();
    batch_bytes_ = 0;
}

void RestoredLeaves::finish(std::uint64_t height) {
    flush(0);  // the owner is noted with height 0
    flush(height);
    std::ranges::sort(hashes_, {}, &TreeChange::path);
    tree_.update(hashes_);
}

std::unique_ptr<StateReader> RestoredLeaves::view(std::uint64_t height) {
    return std::make_unique<StateReader>(state_, state_.read(), height, tree_.snapshot());
}

void RestoredLeaves::make_durable(const std::filesystem::path& copy) {
    state_.checkpoint();
    state_.copy_to(copy);
}

}  // namespace tallystick::ledger
