#include "ledger/participants.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

TEST_CASE("roles are those of the account", "[ledger][participants]") {
    const auto state = standard_world();
    CHECK(has_role(state, suffolk, pb::ROLE_AUTHORITY));
    CHECK_FALSE(has_role(state, suffolk, pb::ROLE_SUPPLIER));
    CHECK(has_role(state, cooperative, pb::ROLE_SUPPLIER));
    CHECK(has_role(state, cooperative, pb::ROLE_PROJECT));
    CHECK_FALSE(has_role(state, builders, pb::ROLE_PROJECT));
    CHECK_FALSE(has_role(state, "suffolk/nobody", pb::ROLE_PROJECT));
}

TEST_CASE("an account takes one side of a contract for ever", "[ledger][participants]") {
    const auto state = standard_world();
    Draft draft{state};
    CHECK(side_of(draft, bridge(), cooperative) == pb::ROLE_UNSPECIFIED);
    CHECK_FALSE(is_on_the_other_side(draft, bridge(), cooperative, pb::ROLE_SUPPLIER));
    CHECK_FALSE(is_on_the_other_side(draft, bridge(), cooperative, pb::ROLE_PROJECT));

    take_side(draft, bridge(), cooperative, pb::ROLE_SUPPLIER);
    CHECK(side_of(draft, bridge(), cooperative) == pb::ROLE_SUPPLIER);
    CHECK_FALSE(is_on_the_other_side(draft, bridge(), cooperative, pb::ROLE_SUPPLIER));
    CHECK(is_on_the_other_side(draft, bridge(), cooperative, pb::ROLE_PROJECT));
    // Another lot is another contract.
    const auto other_lot = contract_id("suffolk", "ocds-bridge", "2");
    CHECK_FALSE(is_on_the_other_side(draft, other_lot, cooperative, pb::ROLE_PROJECT));
}

TEST_CASE("taking the same side again writes nothing", "[ledger][participants]") {
    const auto state = standard_world();
    Draft draft{state};
    take_side(draft, bridge(), food_bank, pb::ROLE_PROJECT);
    CHECK(draft.changes().empty());
}

}  // namespace tallystick::ledger::test
