#include "ledger/laws/laws.hpp"

#include <algorithm>
#include <string>

#include "unit/ledger/laws/planted_block.hpp"
#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {

namespace {

/// A state with credits in many places: an issued award, a redemption with units in four cells.
MemoryState rich_world() {
    Story story;
    story.award(builders, "award", {commitment(food_bank, laptop, 20)});
    story.wait_until(issued_at);
    REQUIRE(story.does(builders, transfer_awarded("award", 0, 15, food_bank)) == "done");
    pb::Redeem redeem;
    *redeem.mutable_claim() = claim_on(bridge(), builders);
    auto* line = redeem.add_lines();
    line->set_resource(laptop);
    line->set_quantity(10);
    line->set_outcome("skills");
    line->set_ward("orwell");
    redeem.set_wanted_by(story.now() + 5 * day);
    REQUIRE(story.does(food_bank, redeem, {}, "redemption") == "done");
    pb::AcceptRedemption accept;
    accept.set_redemption(bytes32("redemption"));
    accept.set_date(story.now() + 5 * day);
    REQUIRE(story.does(builders, accept) == "done");
    pb::RecordDelivery delivery;
    delivery.set_redemption(bytes32("redemption"));
    delivery.set_quantity(6);
    delivery.add_evidence(bytes32("photo"));
    REQUIRE(story.does(builders, delivery) == "done");
    pb::ConfirmDelivery confirm;
    auto* confirmed = confirm.add_lines();
    confirmed->set_redemption(bytes32("redemption"));
    confirmed->set_quantity(3);
    REQUIRE(story.does(food_bank, confirm) == "done");
    pb::VerifyDelivery verify;
    auto* verified = verify.add_lines();
    verified->set_redemption(bytes32("redemption"));
    verified->set_quantity(1);
    REQUIRE(story.does(suffolk, verify) == "done");
    return story.state();
}

const auto claim = claim_on(bridge(), builders);
const auto food_banks_balance = balance_key(food_bank, claim);

}  // namespace

TEST_CASE("every law holds over a state and a block that the rules made", "[ledger][laws]") {
    const auto world = rich_world();
    const auto fine = PlantedBlock{world}.broken();
    CHECK(fine.in_block == "none");
    CHECK(fine.in_full == "none");
}

TEST_CASE("claims_add_up finds credits from nothing, and totals that do not sum",
          "[ledger][laws]") {
    const auto world = rich_world();
    const auto more =
        PlantedBlock{world}
            .edit(food_banks_balance, [](auto& it) { it.set_available(it.available() + 1); })
            .broken();
    CHECK(more.in_block == "claims_add_up");
    CHECK(more.in_full == "claims_add_up");
    const auto lost =
        PlantedBlock{world}
            .edit(claim_totals_key(claim), [](auto& it) { it.set_issued(it.issued() + 1); })
            .broken();
    CHECK(lost.in_block == "claims_add_up");
    CHECK(lost.in_full == "claims_add_up");
}

TEST_CASE("contracts_add_up finds what is above the allocation, and issued that falls",
          "[ledger][laws]") {
    const auto world = rich_world();
    const auto contract = contract_totals_key(bridge());
    const auto uneven = PlantedBlock{world}
                            .edit(contract, [](auto& it) { it.set_available(it.available() + 1); })
                            .broken();
    CHECK(uneven.in_block == "contracts_add_up");
    CHECK(uneven.in_full == "contracts_add_up");

    const auto award_more = [](auto& it) { it.set_awarded(allocation); };
    const auto above = PlantedBlock{world}
                           .edit(contract, award_more)
                           .edit(claim_totals_key(claim), award_more)
                           .broken();
    CHECK(above.in_block == "contracts_add_up");
    CHECK(above.in_full == "contracts_add_up");

    const auto issue_less = [](auto& it) {
        it.set_issued(it.issued() - 1);
        it.set_available(it.available() - 1);
    };
    const auto fell =
        PlantedBlock{world}
            .edit(contract, issue_less)
            .edit(claim_totals_key(claim), issue_less)
            .edit(food_banks_balance, [](auto& it) { it.set_available(it.available() - 1); })
            .broken();
    CHECK(fell.in_block == "contracts_add_up");
}

TEST_CASE("cells_add_up finds units made, lost, or worth something else", "[ledger][laws]") {
    const auto world = rich_world();
    const auto key = redemption_line_key(bytes32("redemption"), 0);
    const auto redemption = redemption_key(bytes32("redemption"));
    const auto law = [](const Broken& broken) {
        CHECK(broken.in_block == "cells_add_up");
        CHECK(broken.in_full == "cells_add_up");
    };
    law(PlantedBlock{world}
            .edit(key, [](auto& it) { it.mutable_cells()->set_outstanding(5); })
            .broken());
    law(PlantedBlock{world}
            .edit(key,
                  [](auto& it) {
                      it.mutable_cells()->set_outstanding(it.cells().outstanding() - 1);
                      it.mutable_cells()->set_confirmed(it.cells().confirmed() + 1);
                  })
            .broken());
    law(PlantedBlock{world}
            .edit(key,
                  [](auto& it) {
                      it.mutable_cells()->set_confirmed(it.cells().confirmed() - 1);
                      it.mutable_cells()->set_retired(it.cells().retired() + 1);
                  })
            .broken());
    law(PlantedBlock{world}.edit(redemption, [](auto& it) { it.set_open_lines(2); }).broken());
    law(PlantedBlock{world}
            .edit(redemption, [](auto& it) { it.set_status(pb::REDEMPTION_STATUS_ENDED); })
            .broken());

    auto ended = world;
    ended.edit(redemption, [](auto& it) {
        it.set_status(pb::REDEMPTION_STATUS_ENDED);
        it.set_open_lines(0);
    });
    CHECK(PlantedBlock{ended}
              .edit(redemption, [](auto& it) { it.set_status(pb::REDEMPTION_STATUS_LAPSED); })
              .broken()
              .in_block == "cells_add_up");
    CHECK(PlantedBlock{world}
              .edit(key,
                    [](auto& it) {
                        it.set_requested(11);
                        it.mutable_cells()->set_released(1);
                    })
              .broken()
              .in_block == "cells_add_up");
}

TEST_CASE("movements_balance finds changes without movements, and movements without changes",
          "[ledger][laws]") {
    const auto world = rich_world();
    // Taken from one, given to another: every sum holds.
    const auto stolen =
        PlantedBlock{world}
            .edit(food_banks_balance, [](auto& it) { it.set_available(it.available() - 5); })
            .edit(balance_key(youth_club, claim), [](auto& it) { it.set_available(5); });
    CHECK(stolen.broken().in_block == "movements_balance");

    const auto moved = [&](auto spoil) {
        PlantedBlock block{world};
        auto& movement = *block.outcome().add_movements();
        *movement.mutable_claim() = claim;
        movement.set_from_account(food_bank);
        movement.set_from(pb::POCKET_AVAILABLE);
        movement.set_to_account(youth_club);
        movement.set_to(pb::POCKET_AVAILABLE);
        movement.set_amount(5);
        block.edit(food_banks_balance, [](auto& it) { it.set_available(it.available() - 5); })
            .edit(balance_key(youth_club, claim), [](auto& it) { it.set_available(5); });
        spoil(movement);
        return block.broken().in_block;
    };
    CHECK(moved([](auto&) {}) == "none");
    CHECK(moved([](auto& it) { it.set_amount(0); }) == "movements_balance");
    CHECK(moved([](auto& it) { it.set_amount(6); }) == "movements_balance");
    CHECK(moved([](auto& it) { it.set_to_account(food_bank); }) == "movements_balance");
    CHECK(moved([](auto& it) { it.set_to(pb::POCKET_ISSUE); }) == "movements_balance");
    CHECK(moved([](auto& it) { it.set_from(pb::POCKET_RETIRED); }) == "movements_balance");
    CHECK(moved([](auto& it) { it.set_to_account(choir); }) == "movements_balance");

    const auto empty = PlantedBlock{world}.edit(balance_key(choir, claim), [](auto&) {}).broken();
    CHECK(empty.in_full == "movements_balance");
}

TEST_CASE(
    "supply_is_earned finds credits that no award issued, and closed contracts that hold some",
    "[ledger][laws]") {
    const auto world = rich_world();
    PlantedBlock made{world};
    auto& movement = *made.outcome().add_movements();
    *movement.mutable_claim() = claim;
    movement.set_from_account(builders);
    movement.set_from(pb::POCKET_ISSUE);
    movement.set_to_account(builders);
    movement.set_to(pb::POCKET_AVAILABLE);
    movement.set_amount(7);
    const auto more = [](auto& it) {
        it.set_issued(it.issued() + 7);
        it.set_available(it.available() + 7);
    };
    made.edit(claim_totals_key(claim), more)
        .edit(contract_totals_key(bridge()), more)
        .edit(balance_key(builders, claim), [](auto& it) { it.set_available(it.available() + 7); });
    CHECK(made.broken().in_block == "supply_is_earned");

    const auto closed = PlantedBlock{world}
                            .edit(contract_key(bridge()), [](auto& it) { it.set_closed_at(1); })
                            .broken();
    CHECK(closed.in_block == "supply_is_earned");
    CHECK(closed.in_full == "supply_is_earned");
}

TEST_CASE("outcomes_are_true finds refusals with effects, and entries that nobody asked for",
          "[ledger][laws]") {
    const auto world = rich_world();
    const auto law = [](const PlantedBlock& block) {
        CHECK(block.broken().in_block == "outcomes_are_true");
    };
    PlantedBlock refused{world};
    refused.outcome().set_status(pb::STATUS_REFUSED);
    law(refused);
    refused.outcome().set_refusal(1);
    CHECK(refused.broken().in_block == "none");
    refused.edit(need_key(bytes32("need")), [](auto&) {});
    law(refused);

    PlantedBlock renumbered{world};
    renumbered.result().entries[0].set_index(1);
    law(renumbered);
    PlantedBlock older{world};
    older.result().entries[0].set_time(1);
    law(older);
    PlantedBlock both{world};
    both.result().envelopes[0].skip = Skip::expired;
    law(both);
    PlantedBlock skipped{world};
    skipped.result().envelopes[0] = {Skip::expired, std::nullopt};
    law(skipped);
    PlantedBlock renamed{world};
    renamed.result().entries[0].set_id(bytes32("another"));
    law(renamed);
    PlantedBlock due{world};
    due.outcome().mutable_due()->set_time(1);
    law(due);
    due.result().due_items = 1;
    law(due);
}

TEST_CASE("keys_serve_one finds policies nobody can satisfy and keys with two masters",
          "[ledger][laws]") {
    const auto world = rich_world();
    const auto unsatisfiable =
        PlantedBlock{world}
            .edit(account_key(choir),
                  [](auto& it) { it.mutable_policy()->set_routine_threshold(2); })
            .broken();
    CHECK(unsatisfiable.in_block == "keys_serve_one");
    CHECK(unsatisfiable.in_full == "keys_serve_one");

    const auto borrowed =
        PlantedBlock{world}
            .edit(account_key(choir), [](auto& it) { *it.mutable_policy() = policy_of(food_bank); })
            .broken();
    CHECK(borrowed.in_block == "keys_serve_one");
    CHECK(borrowed.in_full == "keys_serve_one");

    const auto passed = PlantedBlock{world}
                            .edit(public_key_key(key_of(choir).public_key().text()),
                                  [](auto& it) { it.set_account(food_bank); })
                            .broken();
    CHECK(passed.in_block == "keys_serve_one");
    CHECK(passed.in_full == "keys_serve_one");
}

TEST_CASE("keys_serve_one lets an account give a key up, and another one take it in the same block",
          "[ledger][laws]") {
    const auto world = rich_world();
    const auto old_key = key_of(choir).public_key().str();
    const auto own_by = [](const std::string& account) {
        return [account](pb::Owner& owner) { owner.set_account(account); };
    };
    PlantedBlock given_up{world};
    given_up.edit(account_key(choir), [](auto& it) { *it.mutable_policy() = policy_of("new key"); })
        .edit(public_key_key(key_of("new key").public_key().text()), own_by(choir));
    given_up.result().changes[public_key_key(old_key).bytes] = nullptr;
    CHECK(given_up.broken().in_block == "none");
    CHECK(given_up.broken().in_full == "none");

    given_up.edit(public_key_key(old_key), own_by(food_bank));
    CHECK(given_up.broken().in_block == "keys_serve_one");

    given_up.edit(account_key(food_bank), [&](auto& it) {
        it.mutable_policy()->add_keys(old_key);
        std::sort(it.mutable_policy()->mutable_keys()->begin(),
                  it.mutable_policy()->mutable_keys()->end());
    });
    CHECK(given_up.broken().in_block == "none");
    CHECK(given_up.broken().in_full == "none");
}

TEST_CASE("a breach is told with its law, its object and what is wrong", "[ledger][laws]") {
    CHECK(breach_text({"claims_add_up", "0a", "issued 1, available 2"}) ==
          "law broken: claims_add_up, object 0a: issued 1, available 2");
}

}  // namespace tallystick::ledger::test
