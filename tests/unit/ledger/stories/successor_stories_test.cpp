#include "ledger/actions/apply_for_accreditation.hpp"
#include "ledger/actions/award.hpp"
#include "ledger/actions/cancel_award.hpp"
#include "ledger/actions/close_contract.hpp"
#include "ledger/actions/decline_application.hpp"
#include "ledger/actions/open_contract.hpp"
#include "ledger/actions/register.hpp"
#include "unit/ledger/governing.hpp"
#include "unit/ledger/story.hpp"

// Suffolk has left, and Kent took over its accounts and contracts: whatever asks for the contract's
// authority asks for Kent now, and for nobody else. Every step checks every law of the credits.
namespace tallystick::ledger::test {
namespace {

/// Laptops for the food bank are issued; then Suffolk leaves.
Story taken_over() {
    Story story;
    story.state().with_authority(essex).with_authority(kent);
    story.award(builders, "award", {commitment(food_bank, laptop, 20)});
    story.wait_until(issued_at);
    REQUIRE(told(take_effect(story.state(), removal(suffolk, kent))) == "done");
    return story;
}

pb::Award awarding(std::uint64_t standstill_ends) {
    pb::Award action;
    *action.mutable_contract() = bridge();
    action.set_supplier(builders);
    *action.add_lines() = commitment(food_bank, laptop, 1);
    action.set_standstill_ends(standstill_ends);
    return action;
}

}  // namespace

TEST_CASE("a successor co-signs where the contract's authority must", "[ledger][story]") {
    auto story = taken_over();
    CHECK(story.does(builders, return_awarded("award", 0, 1), {norfolk}) ==
          "refused: authority_has_not_signed");
    CHECK(story.does(builders, return_awarded("award", 0, 1), {kent}) == "done");
    CHECK(story.does(builders, transfer_awarded("award", 0, 2, choir), {norfolk}) ==
          "refused: another_project_than_awarded");
    CHECK(story.does(builders, transfer_awarded("award", 0, 2, choir), {kent}) == "done");
    CHECK(story.does(builders, transfer_awarded("award", 0, 4, food_bank)) == "done");
    CHECK(story.does(food_bank, transfer(laptop_value, choir), {norfolk}) ==
          "refused: not_on_the_contract");
    CHECK(story.does(food_bank, transfer(laptop_value, choir), {kent}) == "done");
}

TEST_CASE("a successor verifies, disputes and resolves", "[ledger][story]") {
    auto story = taken_over();
    const auto soon = story.now() + day;
    CHECK(story.does(builders, transfer_awarded("award", 0, 10, food_bank)) == "done");
    CHECK(story.does(food_bank, redeem({{laptop, 6}}, soon), {}, "ask") == "done");
    CHECK(story.does(builders, accept("ask", soon)) == "done");
    CHECK(story.does(builders, record("ask", 0, 6, "photo")) == "done");
    CHECK(story.does(food_bank, confirm("ask", 0, 4)) == "done");
    CHECK(story.does(norfolk, verify("ask", 0, 2)) == "refused: not_the_contracts_authority");
    CHECK(story.does(kent, verify("ask", 0, 2)) == "done");
    CHECK(story.does(norfolk, dispute("ask", 0, 1, pb::CELL_CONFIRMED)) == "refused: not_a_party");
    CHECK(story.does(kent, dispute("ask", 0, 1, pb::CELL_CONFIRMED)) == "done");
    CHECK(story.does(norfolk, resolve("ask", 0, 0, 1)) == "refused: not_the_contracts_authority");
    CHECK(story.does(kent, resolve("ask", 0, 0, 1)) == "done");
}

TEST_CASE("a successor awards, cancels, declines and closes", "[ledger][story]") {
    auto story = taken_over();
    const auto ends = story.now() + standstill_seconds;
    CHECK(story.does(norfolk, awarding(ends), {builders}, "second") ==
          "refused: not_the_contracts_authority");
    CHECK(story.does(kent, awarding(ends), {builders}, "second") == "done");
    pb::CancelAward cancelling;
    cancelling.set_award(bytes32("second"));
    *cancelling.mutable_reason() = reason(pb::REASON_CODE_MISTAKE);
    CHECK(story.does(norfolk, cancelling) == "refused: not_the_contracts_authority");
    CHECK(story.does(kent, cancelling) == "done");

    pb::ApplyForAccreditation application;
    *application.mutable_contract() = bridge();
    application.add_outcomes("skills");
    application.add_wards("orwell");
    CHECK(story.does(choir, application) == "done");
    pb::DeclineApplication declining;
    *declining.mutable_contract() = bridge();
    declining.set_project(choir);
    *declining.mutable_reason() = reason(pb::REASON_CODE_OUT_OF_SCOPE);
    CHECK(story.does(norfolk, declining) == "refused: not_the_contracts_authority");
    CHECK(story.does(kent, declining) == "done");

    story.wait_until(settling_ends);
    pb::CloseContract closing;
    *closing.mutable_contract() = bridge();
    CHECK(story.does(norfolk, closing) == "refused: not_the_contracts_authority");
    CHECK(story.does(kent, closing) == "done");
}

TEST_CASE("a successor does not act under the name of the one that left", "[ledger][story]") {
    auto story = taken_over();
    pb::OpenContract opening;
    *opening.mutable_contract() = contract_id(suffolk, "ocds-new");
    opening.set_allocation_fixed(1'000);
    auto& price = *opening.add_prices();
    price.set_resource(laptop);
    price.set_kind(pb::RESOURCE_KIND_MATERIALS);
    price.set_unit(pb::RESOURCE_UNIT_ITEM);
    price.set_hundredths_per_unit(100);
    opening.add_outcomes("skills");
    opening.add_wards("orwell");
    opening.set_bids_close(story.now() + day);
    opening.set_redemption_deadline(story.now() + 90 * day);
    CHECK(story.does(kent, opening) == "refused: not_the_contracts_authority");
    opening.mutable_contract()->set_authority(kent);
    CHECK(story.does(kent, opening) == "done");

    pb::Register registering;
    registering.set_handle("suffolk/allotments");
    registering.add_roles(pb::ROLE_PROJECT);
    auto& identifier = *registering.add_identifiers();
    identifier.set_scheme("GB-CHC");
    identifier.set_id("allotments");
    auto& name = *registering.add_names();
    name.set_language("en");
    name.set_text("Allotments");
    *registering.mutable_policy() = policy_of("allotments");
    *registering.add_proofs() = proof_of("allotments", registering.handle());
    CHECK(story.does(kent, registering) == "refused: handle_not_yours");
}

}  // namespace tallystick::ledger::test
