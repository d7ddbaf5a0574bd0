#include "ledger/store/writer_view.hpp"

#include <ranges>
#include <utility>

#include "ledger/store/record.hpp"
#include "protocol/state_proof.hpp"

namespace tallystick::ledger {

WriterView::WriterView(const StateStore& store, const StateTree& tree, std::size_t records_max)
    : store_(store), tree_(tree), cache_(records_max) {}

ValuePtr WriterView::find(const std::string& key,
                          const google::protobuf::Message& prototype) const {
    if (auto cached = cache_.find(key)) return *std::move(cached);
    auto value = load(key, prototype);
    cache_.put(key, value);
    return value;
}

ValuePtr WriterView::load(const std::string& key,
                          const google::protobuf::Message& prototype) const {
    for (const auto& pending : pending_ | std::views::reverse) {
        const auto& changes = pending.block->result.changes;
        if (const auto changed = changes.find(key); changed != changes.end())
            return changed->second;
    }
    try {
        if (!read_) read_.emplace(store_.read());
        const auto value = read_->get(store_.leaves(), key);
        const auto expected = tree_.find(sparse::path_of(key));
        const bool fits = value ? expected && sha256(*value) == *expected : !expected;
        if (!fits)
            fail_damaged(place_of("state", "leaves", key), "it does not fit its leaf in the tree");
        if (!value) return nullptr;
        std::shared_ptr<google::protobuf::Message> message{prototype.New()};
        const bool decoded =
            message->ParseFromArray(value->data(), static_cast<int>(value->size()));
        ensure(decoded, "a value that fits its leaf is a message of its kind");
        return message;
    } catch (const LmdbFailure& failure) {
        if (opening_) throw;
        store_.distrust();
        stop_on_damage(failure.error().what +
                       ". Start again: the state will be rebuilt from the chain.");
    }
}

void WriterView::push(std::uint64_t height, std::shared_ptr<const EncodedBlock> block) {
    for (const auto& [key, value] : block->result.changes) cache_.put(key, value);
    pending_.push_back({height, std::move(block)});
}

void WriterView::settle(std::uint64_t height) {
    while (!pending_.empty() && pending_.front().height <= height) pending_.pop_front();
    // The next look-up opens the version that holds what was settled.
    read_.reset();
}

}  // namespace tallystick::ledger
