#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

namespace tallystick::model {

/// Numbers that follow from a seed (SplitMix64), the same with every compiler and library; as long
/// as no expression draws twice, since compilers order that as they like.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15U;
        auto mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
        return mixed ^ (mixed >> 31);
    }
    /// 0 to `bound` - 1. @pre `bound` is positive. The slight unevenness does not matter here.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    /// `least` to `most`, both inclusive.
    std::uint64_t between(std::uint64_t least, std::uint64_t most) {
        return least + below(most - least + 1);
    }
    bool chance(unsigned percent) { return below(100) < percent; }

    /// @pre `items` is not empty.
    template <class Items>
    const auto& pick(const Items& items) {
        const auto size = static_cast<std::uint64_t>(std::ssize(items));
        return *std::next(items.begin(), static_cast<std::ptrdiff_t>(below(size)));
    }

    std::string bytes(std::size_t size) {
        std::string made;
        while (made.size() < size) made.push_back(static_cast<char>(next() & 0xFF));
        return made;
    }

    /// At least one of `items`, in their order. @pre `items` is not empty.
    template <class Item>
    std::vector<Item> some(const std::vector<Item>& items) {
        std::vector<Item> chosen;
        for (const auto& item : items)
            if (chance(60)) chosen.push_back(item);
        if (chosen.empty()) chosen.push_back(pick(items));
        return chosen;
    }

  private:
    std::uint64_t state_;
};

}  // namespace tallystick::model
