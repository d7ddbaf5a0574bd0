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
    for (auto& record : bucket) {
        if (record.hash != hash || record.key != key) continue;
        record.last_use = ++uses_;
        return record.value;
    }
    return std::nullopt;
}

void RecordCache::put(const std::string& key, ValuePtr value) {
    const auto hash = key_hash(key);
    auto& bucket = bucket_of(hash);
    for (auto& record : bucket) {
        if (record.hash != hash || record.key != key) continue;
        record.value = std::move(value);
        record.last_use = ++uses_;
        return;
    }
    if (bucket.size() < bucket_records) {
        bucket.push_back({hash, key, std::move(value), ++uses_});
        return;
    }
    *std::ranges::min_element(bucket, {}, &Record::last_use) = {hash, key, std::move(value),
                                                                ++uses_};
}

}  // namespace tallystick::ledger
