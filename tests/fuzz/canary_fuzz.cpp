// A bug planted where a mutation or two reach it. Fuzzing that does not find it does not look:
// the tests around it fail unless this target fails.
#include <memory>

#include "fuzz/fuzz.hpp"

namespace {

constexpr std::string_view magic = "tally";

/// Reads `length` bytes behind the magic and the length byte, however many there are.
unsigned sum_of_record(const std::uint8_t* record) {
    const unsigned length = record[magic.size()];
    unsigned sum = 0;
    for (unsigned i = 0; i < length; ++i) sum += record[magic.size() + 1 + i];
    return sum;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = tallystick::fuzz::text_of_input(data, size);
    if (size <= magic.size() || !input.starts_with(magic)) return 0;
#if defined(TALLYSTICK_SANITIZER)
    // Does the sanitizer see a read beyond the end?
    const volatile unsigned sum = sum_of_record(data);
    (void)sum;
#else
    // Without one the same bug would go unseen: say it.
    (void)sum_of_record;
    tallystick::fuzz::check(data[magic.size()] + magic.size() < size, "the canary's planted bug");
#endif
    return 0;
}
