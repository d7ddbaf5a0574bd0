#include "ledger/store/used_ids.hpp"

#include <cstring>

#include "ledger/store/record.hpp"
#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::ledger {

namespace {

/// Kept in memory after they expired, so that blocks on their way to the disk are in it first.
constexpr std::uint64_t kept_seconds = 600;

}  // namespace

void StoredUsedIds::load(std::uint64_t now) {
    in_memory_from_ = now > kept_seconds ? now - kept_seconds : 0;
    const auto chain = chain_.read();
    chain.for_each_id(in_memory_from_,
                      [this](auto valid_until, const auto& id, auto) { insert(id, valid_until); });
    check_against_log(chain);
}

void StoredUsedIds::check_against_log(const ChainReader& chain) const {
    for (auto index = chain.log_size(); index > chain.shape().first_entry; --index) {
        const auto place = "chain/entries " + std::to_string(index - 1);
        const auto entry = decode_canonical_as<pb::LogEntry>(chain.entry(index - 1));
        const auto id = entry ? EnvelopeId::from(entry->id()) : std::nullopt;
        if (!id) fail_damaged(place, "not an entry");
        // What was taken before this could not be valid so long.
        if (entry->time() + validity_seconds_max < in_memory_from_) return;
        const auto valid_until = entry->valid_until();
        if (valid_until < in_memory_from_ || knows(*id, valid_until)) continue;
        fail_damaged("chain/ids " + to_hex(id->view()),
                     "missing, although entry " + std::to_string(index - 1) + " took it");
    }
}

bool StoredUsedIds::contains(const EnvelopeId& id, std::uint64_t valid_until) const {
    if (valid_until >= in_memory_from_) return knows(id, valid_until);
    try {
        return chain_.read().find_used(id, valid_until).has_value();
    } catch (const LmdbFailure& failure) {
        stop_on_damage(failure.error().what);
    }
}

void StoredUsedIds::insert(const EnvelopeId& id, std::uint64_t valid_until) {
    if (ids_.try_emplace(id, valid_until).second) by_valid_until_[valid_until].push_back(id);
}

bool StoredUsedIds::knows(const EnvelopeId& id, std::uint64_t valid_until) const {
    const auto found = ids_.find(id);
    return found != ids_.end() && found->second == valid_until;
}

std::size_t StoredUsedIds::FirstBytes::operator()(const EnvelopeId& id) const noexcept {
    std::size_t first = 0;
    std::memcpy(&first, id.bytes.data(), sizeof first);
    return first;
}

void StoredUsedIds::forget_before(std::uint64_t now) {
    if (now <= kept_seconds || now - kept_seconds <= in_memory_from_) return;
    in_memory_from_ = now - kept_seconds;
    const auto kept = by_valid_until_.lower_bound(in_memory_from_);
    for (auto each = by_valid_until_.begin(); each != kept; ++each)
        for (const auto& id : each->second) ids_.erase(id);
    by_valid_until_.erase(by_valid_until_.begin(), kept);
}

bool ReplayedUsedIds::contains(const EnvelopeId& id, std::uint64_t valid_until) const {
    const auto index = chain_.find_used(id, valid_until);
    return index && *index < log_size_;
}

}  // namespace tallystick::ledger
