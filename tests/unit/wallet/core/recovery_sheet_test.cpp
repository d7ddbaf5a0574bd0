#include "wallet/core/recovery_sheet.hpp"

#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::string typed_groups(std::string_view seed) {
    std::string all;
    for (const auto& group : recovery_groups_of(bytes_of(seed))) all += group;
    return all;
}

constexpr std::string_view seed = "an example seed of thirty-two by";

}  // namespace

TEST_CASE("a sheet gives the key back, however it is typed", "[wallet][recovery]") {
    REQUIRE(initialise_crypto());
    const auto key = SigningKey::from_seed(bytes_of(seed));
    const auto groups = typed_groups(seed);
    REQUIRE(groups.size() == 72);
    REQUIRE(key_from_groups(groups));
    CHECK(key_from_groups(groups)->public_key() == key.public_key());
    std::string loose;
    for (char c : groups) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == '0') c = 'o';
        if (c == '1') c = 'l';
        loose += std::string{c} + " -\n"[loose.size() % 3];
    }
    REQUIRE(key_from_groups(loose));
    CHECK(key_from_groups(loose)->public_key() == key.public_key());
    const auto sheet = recovery_sheet(key, "my-key");
    REQUIRE(key_from_groups(groups_in_sheet(sheet)));
    CHECK(sheet.find(to_hex(key.public_key().view())) != std::string::npos);
}

TEST_CASE("every single wrong character is found, with its line and group", "[wallet][recovery]") {
    REQUIRE(initialise_crypto());
    const auto groups = typed_groups(seed);
    for (std::size_t at = 0; at < groups.size(); ++at) {
        for (const char c : alphabet) {
            if (c == groups[at]) continue;
            auto typed = groups;
            typed[at] = c;
            const auto key = key_from_groups(typed);
            REQUIRE_FALSE(key);
            CHECK(key.error().code == "sheet_line_wrong");
            const auto line = "Line " + std::to_string(at / 12 + 1);
            const auto group = "group " + std::to_string(at % 12 / 3 + 1);
            CHECK(key.error().message.find(line) != std::string::npos);
            CHECK(key.error().message.find(group) != std::string::npos);
        }
    }
}

TEST_CASE("exchanged characters, lines and lost characters are found", "[wallet][recovery]") {
    REQUIRE(initialise_crypto());
    const auto groups = typed_groups(seed);
    for (std::size_t at = 0; at + 1 < groups.size(); ++at) {
        auto typed = groups;
        std::swap(typed[at], typed[at + 1]);
        if (typed != groups) CHECK_FALSE(key_from_groups(typed));
    }
    for (std::size_t a = 0; a < 6; ++a) {
        for (std::size_t b = a + 1; b < 6; ++b) {
            auto typed = groups;
            for (std::size_t i = 0; i < 12; ++i) std::swap(typed[a * 12 + i], typed[b * 12 + i]);
            CHECK_FALSE(key_from_groups(typed));
        }
    }
    CHECK(key_from_groups(groups.substr(1)).error().code == "bad_sheet");
    CHECK(key_from_groups(groups + "0").error().code == "bad_sheet");
    CHECK(key_from_groups("U" + groups.substr(1)).error().code == "bad_sheet");
    CHECK(key_from_groups("").error().code == "bad_sheet");
}

TEST_CASE("lines of two sheets are not one key", "[wallet][recovery]") {
    REQUIRE(initialise_crypto());
    const auto other = typed_groups("another seed of the size needed!");
    auto mixed = typed_groups(seed);
    mixed.replace(0, 12, other.substr(0, 12));
    const auto key = key_from_groups(mixed);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == "sheet_checksum_wrong");
}
