#include "ledger/store/used_ids.hpp"

namespace tallystick::ledger {

namespace {

/// Kept in memory after they expired, so that blocks on their way to the disk are in it first.
constexpr std::uint64_t kept_seconds = 600;

}  // namespace

void StoredUsedIds::load(std::uint64_t now) {
    in_memory_from_ = now > kept_seconds ? now - kept_seconds : 0;
    chain_.read().for_each_id(in_memory_from_, [this](auto valid_until, const auto& id, auto) {
        ids_.emplace_hint(ids_.end(), valid_until, id);
    });
}

bool StoredUsedIds::contains(const EnvelopeId& id, std::uint64_t valid_until) const {
    if (valid_until >= in_memory_from_) return ids_.contains({valid_until, id});
    try {
        return chain_.read().find_used(id, valid_until).has_value();
    } catch (const LmdbFailure& failure) {
        stop_on_bug(failure.what());
    }
}

void StoredUsedIds::insert(const EnvelopeId& id, std::uint64_t valid_until) {
    ids_.emplace(valid_until, id);
}

void StoredUsedIds::forget_before(std::uint64_t now) {
    if (now <= kept_seconds || now - kept_seconds <= in_memory_from_) return;
    in_memory_from_ = now - kept_seconds;
    ids_.erase(ids_.begin(), ids_.lower_bound({in_memory_from_, EnvelopeId{}}));
}

bool ReplayedUsedIds::contains(const EnvelopeId& id, std::uint64_t valid_until) const {
    const auto index = chain_.find_used(id, valid_until);
    return index && *index < log_size_;
}

}  // namespace tallystick::ledger
