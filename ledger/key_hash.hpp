#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tallystick::ledger {

/// Spreads keys over buckets; never over anything that is seen outside. Who crafts keys that meet
/// in one bucket gains nothing: buckets are ordered maps or bounded.
[[nodiscard]] inline std::uint64_t key_hash(std::string_view key) noexcept {
    constexpr std::uint64_t multiplier = 0x9e3779b97f4a7c15;
    std::uint64_t hash = key.size() * multiplier;
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * multiplier;
        hash ^= hash >> 32;
    };
    while (key.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, key.data(), 8);
        mix(word);
        key.remove_prefix(8);
    }
    std::uint64_t word = 0;
    if (!key.empty()) std::memcpy(&word, key.data(), key.size());
    mix(word);
    return hash ^ (hash >> 29);
}

}  // namespace tallystick::ledger
