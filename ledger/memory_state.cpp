#include "ledger/memory_state.hpp"

namespace tallystick::ledger {

ValuePtr MemoryState::find(const std::string& key, const google::protobuf::Message&) const {
    const auto found = leaves_.find(key);
    return found != leaves_.end() ? found->second : nullptr;
}

void MemoryState::for_each(std::string_view prefix, const Visit& visit) const {
    for (auto it = leaves_.lower_bound(prefix);
         it != leaves_.end() && it->first.starts_with(prefix) && visit(it->first, it->second); ++it)
        continue;
}

void MemoryState::apply(const Changes& changes) {
    for (const auto& [key, value] : changes) {
        if (value)
            leaves_.insert_or_assign(key, value);
        else
            leaves_.erase(key);
    }
}

bool MemoryUsedIds::contains(const EnvelopeId& id, std::uint64_t valid_until) const {
    return ids_.contains({valid_until, id});
}

void MemoryUsedIds::insert(const EnvelopeId& id, std::uint64_t valid_until) {
    ids_.emplace(valid_until, id);
}

}  // namespace tallystick::ledger
