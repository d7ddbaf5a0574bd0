#include "ledger/authorities.hpp"

#include "ledger/recording_view.hpp"
#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

TEST_CASE("authorities are those of the list", "[ledger][authorities]") {
    const auto state = governed_world();
    CHECK(is_authority(state, norfolk));
    CHECK_FALSE(is_authority(state, surrey));
    CHECK_FALSE(is_authority(state, builders));
    CHECK_FALSE(is_authority(MemoryState{}, norfolk));
    CHECK(is_listed(*authorities_of(state), suffolk));
}

TEST_CASE("who took over answers, link by link", "[ledger][authorities]") {
    auto state = governed_world();
    CHECK(current_authority(state, suffolk) == suffolk);
    CHECK(current_authority(state, "nobody") == "nobody");
    REQUIRE(told(take_effect(state, removal(suffolk, norfolk))) == "done");
    CHECK(current_authority(state, suffolk) == norfolk);
    state.with_authority(surrey);
    REQUIRE(told(take_effect(state, removal(norfolk, kent))) == "done");
    CHECK(current_authority(state, suffolk) == kent);
    CHECK(current_authority(state, norfolk) == kent);
}

TEST_CASE("an authority's successor acts and co-signs in its place", "[ledger][authorities]") {
    auto state = governed_world();
    const Scene acting{kent};
    CHECK_FALSE(acts_for(suffolk, acting.context(), state));
    Scene with{food_bank};
    with.co_signers = {kent};
    CHECK_FALSE(has_signed_for(suffolk, with.context(), state));
    REQUIRE(told(take_effect(state, removal(suffolk, kent))) == "done");
    CHECK(acts_for(suffolk, acting.context(), state));
    CHECK(has_signed_for(suffolk, acting.context(), state));
    CHECK(has_signed_for(suffolk, with.context(), state));
    CHECK_FALSE(acts_for(norfolk, acting.context(), state));
}

TEST_CASE("who acts under its own name is not looked up", "[ledger][authorities]") {
    const auto state = governed_world();
    const RecordingView seen{state};
    CHECK(acts_for(suffolk, Scene{suffolk}.context(), seen));
    CHECK(has_signed_for(suffolk, Scene{suffolk}.context(), seen));
    CHECK(seen.keys().empty());
}

}  // namespace tallystick::ledger::test
