#include "ledger/actions/open_contract.hpp"

#include "protocol/canonical.hpp"
#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

constexpr std::uint64_t now = opened_at;

void add_price(pb::OpenContract& action, std::string_view resource, std::uint64_t price,
               std::uint32_t deadweight) {
    auto* item = action.add_prices();
    item->set_resource(std::string{resource});
    item->set_kind(pb::RESOURCE_KIND_TIME);
    item->set_unit(pb::RESOURCE_UNIT_HOUR);
    item->set_hundredths_per_unit(price);
    item->set_deadweight_basis_points(deadweight);
}

pb::OpenContract tender() {
    pb::OpenContract action;
    *action.mutable_contract() = contract_id("suffolk", "ocds-library", "1");
    action.set_value_pence(50'000'000);
    action.mutable_allocation_rate()->set_basis_points(1'000);
    action.mutable_allocation_rate()->set_pence_per_credit(100);
    add_price(action, "accountant-hour", 4'000, 2'500);
    add_price(action, "room", 1'001, 1);
    action.add_outcomes("jobs");
    action.add_wards("orwell");
    action.set_bids_close(now + 10 * day);
    action.set_standstill_seconds(10 * day);
    action.set_redemption_deadline(now + 300 * day);
    return action;
}

void set_by_bands(pb::OpenContract& action) {
    for (std::uint64_t from : {100u, 200u}) {
        auto* band = action.mutable_allocation_bands()->add_bands();
        band->set_from_pence(from);
        band->set_allocation(from * 7);
    }
}

std::string form_of(const pb::OpenContract& action) {
    return told(check(action, Scene{suffolk}.check_context()));
}

}  // namespace

TEST_CASE("opening is malformed for the first thing that is wrong", "[ledger][open_contract]") {
    auto action = tender();
    CHECK(form_of(action) == "well-formed");

    action.set_redemption_deadline(0);
    CHECK(form_of(action) == malformed(Malformed::bad_time));
    action.clear_wards();
    CHECK(form_of(action) == malformed(Malformed::bad_size));
    action.set_outcomes(0, "no code");
    CHECK(form_of(action) == malformed(Malformed::bad_code));
    action.mutable_prices()->SwapElements(0, 1);
    CHECK(form_of(action) == malformed(Malformed::bad_order));
    action.mutable_prices(0)->set_deadweight_basis_points(10'001);
    CHECK(form_of(action) == malformed(Malformed::bad_amount));
    action.mutable_prices(0)->set_kind(pb::RESOURCE_KIND_UNSPECIFIED);
    CHECK(form_of(action) == malformed(Malformed::bad_enum));
    action.mutable_prices(0)->set_resource("");
    CHECK(form_of(action) == malformed(Malformed::bad_code));
    action.clear_prices();
    CHECK(form_of(action) == malformed(Malformed::bad_size));
    action.mutable_allocation_rate()->set_pence_per_credit(0);
    CHECK(form_of(action) == malformed(Malformed::bad_amount));
    action.clear_allocation();
    CHECK(form_of(action) == malformed(Malformed::missing_field));
    action.set_value_pence(Amount::hundredths_max + 1);
    CHECK(form_of(action) == malformed(Malformed::bad_amount));
    action.mutable_contract()->clear_ocid();
    CHECK(form_of(action) == malformed(Malformed::bad_contract_id));
}

TEST_CASE("prices are bounded and complete", "[ledger][open_contract]") {
    auto action = tender();
    SECTION("a price of nothing") {
        action.mutable_prices(0)->set_hundredths_per_unit(0);
        CHECK(form_of(action) == malformed(Malformed::bad_amount));
    }
    SECTION("no unit") {
        action.mutable_prices(0)->set_unit(pb::RESOURCE_UNIT_UNSPECIFIED);
        CHECK(form_of(action) == malformed(Malformed::bad_enum));
    }
    SECTION("a unit that is not listed") {
        action.mutable_prices(0)->set_unit(static_cast<pb::ResourceUnit>(5));
        CHECK(form_of(action) == malformed(Malformed::bad_enum));
    }
    SECTION("a resource twice") {
        *action.mutable_prices(1) = action.prices(0);
        CHECK(form_of(action) == malformed(Malformed::bad_order));
    }
    SECTION("513 of them") {
        for (int i = 2; i < 513; ++i) add_price(action, "z", 1, 0);
        CHECK(form_of(action) == malformed(Malformed::bad_size));
    }
}

TEST_CASE("an allocation's rule is bounded", "[ledger][open_contract]") {
    auto action = tender();
    SECTION("fixed at nothing") {
        action.set_allocation_fixed(0);
        CHECK(form_of(action) == malformed(Malformed::bad_amount));
    }
    SECTION("fixed above the bound") {
        action.set_allocation_fixed(Amount::hundredths_max + 1);
        CHECK(form_of(action) == malformed(Malformed::bad_amount));
    }
    SECTION("more than the whole value") {
        action.mutable_allocation_rate()->set_basis_points(10'001);
        CHECK(form_of(action) == malformed(Malformed::bad_amount));
    }
    SECTION("none of the value") {
        action.mutable_allocation_rate()->set_basis_points(0);
        CHECK(form_of(action) == malformed(Malformed::bad_amount));
    }
    SECTION("bands") {
        set_by_bands(action);
        CHECK(form_of(action) == "well-formed");
        action.mutable_allocation_bands()->mutable_bands(0)->set_from_pence(200);
        CHECK(form_of(action) == malformed(Malformed::bad_order));
        action.mutable_allocation_bands()->mutable_bands(1)->set_allocation(0);
        CHECK(form_of(action) == malformed(Malformed::bad_amount));
        action.mutable_allocation_bands()->mutable_bands(0)->set_from_pence(UINT64_MAX);
        CHECK(form_of(action) == malformed(Malformed::bad_amount));
        action.mutable_allocation_bands()->clear_bands();
        CHECK(form_of(action) == malformed(Malformed::bad_size));
    }
}

TEST_CASE("dates are instants, and a standstill may be nothing", "[ledger][open_contract]") {
    auto action = tender();
    action.set_standstill_seconds(0);
    CHECK(form_of(action) == "well-formed");
    SECTION("bids close") {
        action.set_bids_close(0);
    }
    SECTION("standstill") {
        action.set_standstill_seconds(seconds_max + 1);
    }
    SECTION("deadline") {
        action.set_redemption_deadline(seconds_max + 1);
    }
    CHECK(form_of(action) == malformed(Malformed::bad_time));
}

TEST_CASE("opening is refused for the first rule that is broken", "[ledger][open_contract]") {
    const Scene scene{suffolk, now};
    check_refusals<pb::OpenContract>(
        standard_world(), scene, tender(),
        {{Refusal::not_an_authority, [](auto&, auto& at, auto&) { at.account = builders; }},
         {Refusal::not_the_contracts_authority,
          [](auto&, auto&, auto& action) { action.mutable_contract()->set_authority(norfolk); }},
         {Refusal::contract_exists,
          [](auto&, auto&, auto& action) { *action.mutable_contract() = bridge(); }},
         {Refusal::dates_out_of_order,
          [](auto&, auto&, auto& action) { action.set_bids_close(now); }},
         {Refusal::unit_value_zero,
          [](auto&, auto&, auto& action) {
              action.mutable_prices(1)->set_deadweight_basis_points(10'000);
          }},
         {Refusal::value_not_estimated,
          [](auto&, auto&, auto& action) { action.set_value_pence(0); }}});
    // An allocation is too little or too much, so these two cannot be broken at once.
    check_refusals<pb::OpenContract>(
        standard_world(), scene, tender(),
        {{Refusal::unit_value_zero,
          [](auto&, auto&, auto& action) {
              action.mutable_prices(0)->set_deadweight_basis_points(10'000);
          }},
         {Refusal::allocation_zero,
          [](auto&, auto&, auto& action) { action.set_value_pence(9); }}});
    check_refusals<pb::OpenContract>(
        standard_world(), scene, tender(),
        {{Refusal::unit_value_zero,
          [](auto&, auto&, auto& action) {
              action.mutable_prices(0)->set_deadweight_basis_points(10'000);
          }},
         {Refusal::allocation_too_large, [](auto&, auto&, auto& action) {
              action.set_value_pence(Amount::hundredths_max);
              action.mutable_allocation_rate()->set_pence_per_credit(1);
          }}});
}

TEST_CASE("bids, reveal and standstill end before the deadline, to the second",
          "[ledger][open_contract]") {
    auto state = standard_world();
    auto action = tender();
    action.set_bids_close(now + 1);
    action.set_redemption_deadline(now + 1 + 3 * day + 10 * day);
    CHECK(told(run(state, {suffolk, now}, action)) == refused(Refusal::dates_out_of_order));
    action.set_redemption_deadline(action.redemption_deadline() + 1);
    CHECK(told(run(state, {suffolk, now}, action)) == "done");
}

TEST_CASE("an open contract holds its unit values, its allocation and its dates",
          "[ledger][open_contract]") {
    auto state = standard_world();
    const auto action = tender();
    const Scene scene{suffolk, now};
    REQUIRE(told(run(state, scene, action)) == "done");
    const auto contract = state.get(contract_key(action.contract()));
    REQUIRE(contract);
    CHECK(contract->allocation() == 5'000'000);
    CHECK(contract->prices(0).unit_value() == 3'000);
    CHECK(contract->prices(1).unit_value() == 1'000);  // 1000.8999
    CHECK(contract->prices(1).price().hundredths_per_unit() == 1'001);
    CHECK(contract->outcomes(0) == "jobs");
    CHECK(contract->wards(0) == "orwell");
    CHECK(contract->value_pence() == 50'000'000);
    CHECK(contract->bids_close() == now + 10 * day);
    CHECK(contract->reveal_ends() == now + 13 * day);
    CHECK(contract->standstill_seconds() == 10 * day);
    CHECK(contract->redemption_deadline() == now + 300 * day);
    CHECK(contract->settling_ends() == now + 390 * day);
    CHECK(contract->opened_at() == now);
    CHECK(contract->closed_at() == 0);
    pb::PriceList list;
    *list.mutable_prices() = action.prices();
    CHECK(contract->price_list_hash() == sha256(canonical_bytes(list)).str());
    CHECK(value_moved(action, state, scene.context()) == 0);
}

TEST_CASE("an allocation can be fixed without a value, or follow bands",
          "[ledger][open_contract]") {
    auto state = standard_world();
    auto action = tender();
    action.set_value_pence(0);
    action.set_allocation_fixed(77);
    REQUIRE(told(run(state, {suffolk, now}, action)) == "done");
    CHECK(state.get(contract_key(action.contract()))->allocation() == 77);

    action.mutable_contract()->set_lot("2");
    action.set_value_pence(150);
    set_by_bands(action);
    REQUIRE(told(run(state, {suffolk, now}, action)) == "done");
    CHECK(state.get(contract_key(action.contract()))->allocation() == 700);
}

}  // namespace tallystick::ledger::test
