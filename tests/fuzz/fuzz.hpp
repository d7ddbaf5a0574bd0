#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// One input of whatever size. A target returns 0; anything wrong stops the process. libFuzzer
/// calls it, or replay.cpp where the build has no libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// What the fuzz targets share.
namespace tallystick::fuzz {

/// Stops the process if a property does not hold for the input at hand.
inline void check(bool holds, const char* property) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", property);
    std::abort();
}

[[nodiscard]] inline std::string_view text_of_input(const std::uint8_t* data, std::size_t size) {
    return size == 0 ? std::string_view{}
                     : std::string_view{reinterpret_cast<const char*>(data), size};
}

/// Takes choices off the front of an input; where nothing is left it gives zeros.
class Choices {
  public:
    explicit Choices(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] std::uint8_t byte() {
        const auto taken = text(1);
        return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken[0]);
    }
    /// 0 to `bound` - 1, 256 at most. @pre `bound` is at least 1.
    [[nodiscard]] std::size_t below(std::size_t bound) { return byte() % bound; }
    /// Big-endian.
    [[nodiscard]] std::uint64_t number(std::size_t bytes) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | byte();
        return value;
    }
    /// Up to so many bytes.
    [[nodiscard]] std::string_view text(std::size_t bytes) {
        const auto taken = rest_.substr(0, std::min(bytes, rest_.size()));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    [[nodiscard]] std::string_view rest() const { return rest_; }

  private:
    std::string_view rest_;
};

}  // namespace tallystick::fuzz
