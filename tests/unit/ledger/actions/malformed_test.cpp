#include <set>

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

TEST_CASE("every way to be malformed has a name of its own and a sentence", "[ledger][malformed]") {
    std::set<std::string_view> names;
    for (std::uint16_t number = 1; number <= 21; ++number) {
        const auto form = static_cast<Malformed>(number);
        CHECK(malformed_name(form) != "unknown");
        CHECK(names.insert(malformed_name(form)).second);
        CHECK(malformed_sentence(form).ends_with('.'));
    }
    CHECK(malformed_name(Malformed::to_oneself) == "to_oneself");
    CHECK(malformed_name(Malformed::missing_field) == "missing_field");
}

}  // namespace tallystick::ledger::test
