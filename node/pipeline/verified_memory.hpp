#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <unordered_set>

#include "protocol/types.hpp"

namespace tallystick::node {

/// Remembers which envelopes have true signatures, by the hash of the *whole envelope*: by its id,
/// a copy of the body with forged signatures would pass later. Bounded: two generations, of which
/// the older is forgotten when the newer is full. Any thread.
class VerifiedMemory {
  public:
    /// @param envelopes_max how many are remembered at most; 0 remembers nothing.
    explicit VerifiedMemory(std::size_t envelopes_max) : half_(envelopes_max / 2) {}

    [[nodiscard]] bool contains(const Hash& envelope_hash) const;
    void add(const Hash& envelope_hash);

  private:
    std::size_t half_;
    mutable std::mutex mutex_;
    /// Hashes are random already: their first bytes are as good as any function of them.
    struct FirstBytes {
        std::size_t operator()(const Hash& hash) const noexcept {
            std::size_t value = 0;
            std::memcpy(&value, hash.bytes.data(), sizeof value);
            return value;
        }
    };
    using Hashes = std::unordered_set<Hash, FirstBytes>;

    std::array<Hashes, 2> generations_;  ///< newer first
};

}  // namespace tallystick::node
