#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
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
    static constexpr std::size_t bucket_records = 8;

    struct Record {
        std::string key;
        ValuePtr value;
    };
    /// What a look-up needs before it touches a record lies in one line of the processor's cache.
    struct alignas(64) Bucket {
        std::array<std::uint32_t, bucket_records> tags{};  ///< part of each key's hash
        /// Places by their last use, newest first.
        std::array<std::uint8_t, bucket_records> order{};
        std::uint8_t used = 0;  ///< how many places hold a record: the first ones
        std::unique_ptr<std::array<Record, bucket_records>> records;

        [[nodiscard]] Record* find(std::uint32_t tag, const std::string& key);
        /// The place is now the one used last.
        void touch(std::uint8_t place);
    };

    [[nodiscard]] Bucket& bucket_of(std::uint64_t hash) { return buckets_[hash % buckets_.size()]; }

    std::vector<Bucket> buckets_;
};

}  // namespace tallystick::ledger
