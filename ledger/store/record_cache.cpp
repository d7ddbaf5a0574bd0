#include "ledger/store/record_cache.hpp"

#include <algorithm>
#include <utility>

#include "ledger/key_hash.hpp"

namespace tallystick::ledger {

namespace {

/// Other bits than those that choose the bucket.
std::uint32_t tag_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

RecordCache::RecordCache(std::size_t records_max)
    : buckets_(std::max<std::size_t>(records_max / bucket_records, 1)) {}

void RecordCache::Bucket::touch(std::uint8_t place) {
    const auto at = std::ranges::find(order, place);
    std::rotate(order.begin(), at, at + 1);
}

RecordCache::Record* RecordCache::Bucket::find(std::uint32_t tag, const std::string& key) {
    for (std::uint8_t place = 0; place < used; ++place) {
        if (tags[place] != tag) continue;
        auto& record = (*records)[place];
        if (record.key != key) continue;
        touch(place);
        return &record;
    }
    return nullptr;
}

std::optional<ValuePtr> RecordCache::find(const std::string& key) {
    const auto hash = key_hash(key);
    const auto* record = bucket_of(hash).find(tag_of(hash), key);
    if (record == nullptr) return std::nullopt;
    return record->value;
}

void RecordCache::put(const std::string& key, ValuePtr value) {
    const auto hash = key_hash(key);
    auto& bucket = bucket_of(hash);
    if (auto* record = bucket.find(tag_of(hash), key)) {
        record->value = std::move(value);
        return;
    }
    if (!bucket.records) bucket.records = std::make_unique<std::array<Record, bucket_records>>();
    auto place = bucket.order.back();
    if (bucket.used < bucket_records) {
        place = bucket.used++;
        bucket.order[place] = place;
    }
    bucket.tags[place] = tag_of(hash);
    (*bucket.records)[place] = {key, std::move(value)};
    bucket.touch(place);
}

}  // namespace tallystick::ledger
