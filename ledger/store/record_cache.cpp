#include "ledger/store/record_cache.hpp"

#include <algorithm>
#include <utility>

#include "ledger/key_hash.hpp"

namespace tallystick::ledger {

namespace {

constexpr std::size_t bucket_records = 8;

}  // namespace

RecordCache::RecordCache(std::size_t records_max)
    : buckets_(std::max<std::size_t>(records_max / bucket_records, 1)) {}

std::optional<ValuePtr> RecordCache::find(const std::string& key) {
    const auto hash = key_hash(key);
    auto& bucket = bucket_of(hash);
    for (auto it = bucket.begin(); it != bucket.end(); ++it) {
        if (it->hash != hash || it->key != key) continue;
        // The last stays longest.
        if (it + 1 != bucket.end()) std::rotate(it, it + 1, bucket.end());
        return bucket.back().value;
    }
    return std::nullopt;
}

void RecordCache::put(const std::string& key, ValuePtr value) {
    const auto hash = key_hash(key);
    auto& bucket = bucket_of(hash);
    for (auto& record : bucket) {
        if (record.hash != hash || record.key != key) continue;
        record.value = std::move(value);
        return;
    }
    if (bucket.size() == bucket_records) bucket.erase(bucket.begin());
    bucket.push_back({hash, key, std::move(value)});
}

}  // namespace tallystick::ledger
