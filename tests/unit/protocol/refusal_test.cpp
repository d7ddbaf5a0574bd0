#include "protocol/refusal.hpp"

#include <set>
#include <string>

#include "unit/catch.hpp"

using namespace tallystick;

TEST_CASE("every refusal in use has a name of its own and one sentence", "[refusal]") {
    std::set<std::string_view> names;
    std::size_t in_use = 0;
    for (std::uint32_t number = 0; number <= 70'000; ++number) {
        const auto refusal = refusal_from(number);
        const auto name = refusal_name(number);
        REQUIRE(refusal.has_value() == name.has_value());
        if (!refusal) continue;
        ++in_use;
        CHECK(static_cast<std::uint32_t>(*refusal) == number);
        CHECK(refusal_name(*refusal) == *name);
        CHECK(name->find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
        names.insert(*name);
        const auto sentence = refusal_sentence(*refusal);
        CHECK(sentence.size() > 30);
        CHECK(sentence.ends_with('.'));
        CHECK(sentence.find(". ") == std::string_view::npos);
    }
    CHECK(in_use == names.size());
    CHECK(in_use >= 95);
}

TEST_CASE("numbers of refusals are on the wire and do not move", "[refusal]") {
    CHECK(refusal_name(1) == "not_an_authority");
    CHECK(refusal_name(20) == "contract_exists");
    CHECK(refusal_name(40) == "not_a_project");
    CHECK(refusal_name(60) == "bids_closed");
    CHECK(refusal_name(87) == "insufficient_credits");
    CHECK(refusal_name(118) == "project_has_not_signed");
    CHECK(refusal_name(130) == "unknown_proposal");
    CHECK(refusal_name(146) == "authority_removed");
    CHECK_FALSE(refusal_name(0));
    CHECK_FALSE(refusal_name(8));
    CHECK_FALSE(refusal_name(65'536 + 1));  // must not wrap around to 1
}

TEST_CASE("every skip has a name of its own and one sentence", "[refusal]") {
    std::set<std::string_view> names;
    for (std::uint8_t number = 1; number <= 9; ++number) {
        names.insert(skip_name(static_cast<Skip>(number)));
        CHECK(skip_sentence(static_cast<Skip>(number)).ends_with('.'));
    }
    CHECK(names.size() == 9);
    CHECK(skip_name(Skip::deadline_pending) == "deadline_pending");
}
