#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/state_view.hpp"

namespace tallystick::ledger {

/// Decoded values by key, as many as it was made for. Buckets of a fixed size, oldest use out
/// first, so that neither memory nor time can be driven up by whoever chooses the keys. One thread.
class RecordCache {
  public:
    explicit RecordCache(std::size_t records_max);

    /// The value last put; null inside where it is known that there is none.
    [[nodiscard]] std::optional<ValuePtr> find(const std::string& key);
    void put(const std::string& key, ValuePtr value);

  private:
    struct Record {
        std::uint64_t hash;
        std::string key;
        ValuePtr value;
        std::uint64_t last_use;
    };
    using Bucket = std::vector<Record>;

    [[nodiscard]] Bucket& bucket_of(std::uint64_t hash) { return buckets_[hash % buckets_.size()]; }

    std::vector<Bucket> buckets_;
    std::uint64_t uses_ = 0;
};

}  // namespace tallystick::ledger
