#include "ledger/store/used_ids.hpp"

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
    chain.for_each_id(in_memory_from_, [this](auto valid_until, const auto& id, auto) {
        ids_.emplace_hint(ids_.end(), valid_until, id);
    });
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
        if (valid_until < in_memory_from_ || ids_.contains({valid_until, *id})) continue;
        fail_damaged("chain/ids " + to_hex(id->view()),
                     "missing, although entry " + std::to_string(index - 1) + " took it");
    }
}

bool StoredUsedIds::contains(const EnvelopeId& id, std::uint64_t valid_until) const {
    if (valid_until >= in_memory_from_) return ids_.contains({valid_until, id});
    try {
        return chain_.read().find_used(id, valid_until).has_value();
    } catch (const LmdbFailure& failure) {
        stop_on_damage(failure.error().what);
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
