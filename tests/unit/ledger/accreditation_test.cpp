#include "ledger/accreditation.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

TEST_CASE("a project is accredited from its grant until just before it expires",
          "[ledger][accreditation]") {
    auto state = standard_world();
    CHECK(is_accredited(state, bridge(), food_bank, opened_at));
    CHECK(is_accredited(state, bridge(), food_bank, deadline - 1));
    CHECK_FALSE(is_accredited(state, bridge(), food_bank, deadline));
    CHECK_FALSE(is_accredited(state, bridge(), choir, opened_at));
    CHECK_FALSE(is_accredited(state, nowhere(), food_bank, opened_at));
    const auto grant = grant_at(state, bridge(), youth_club, opened_at);
    REQUIRE(grant);
    CHECK(grant->outcomes(0) == "skills");
}

TEST_CASE("an application alone accredits nobody, and a declined renewal takes nothing away",
          "[ledger][accreditation]") {
    auto state = standard_world();
    state.edit(accreditation_key(bridge(), choir),
               [](auto& waiting) { waiting.mutable_application()->set_applied_at(opened_at); });
    CHECK_FALSE(is_accredited(state, bridge(), choir, opened_at));
    state.edit(accreditation_key(bridge(), food_bank), [](auto& accreditation) {
        *accreditation.mutable_declined() = reason(pb::REASON_CODE_OUT_OF_SCOPE);
    });
    CHECK(is_accredited(state, bridge(), food_bank, opened_at));
}

TEST_CASE("a grant outlives the view that it was read from", "[ledger][accreditation]") {
    std::shared_ptr<const pb::Accreditation::Grant> grant;
    {
        const auto state = standard_world();
        grant = grant_at(state, bridge(), youth_club, opened_at);
    }
    REQUIRE(grant);
    CHECK(grant->wards(0) == "orwell");
}

}  // namespace tallystick::ledger::test
