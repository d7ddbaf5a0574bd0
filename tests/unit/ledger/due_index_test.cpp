#include "ledger/state_machine.hpp"
#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {

namespace {

DueItem item(std::uint64_t time, std::string_view name, std::string_view object,
             pb::DueKind kind = pb::DUE_KIND_LAPSE) {
    return {time, kind, *Hash::from(bytes32(name)), std::string{object}};
}

}  // namespace

TEST_CASE("the index gives the first item by time, then kind, then id", "[ledger][due_index]") {
    DueIndex index;
    CHECK(index.first() == nullptr);
    index.update("a", {item(20, "a", "a")});
    index.update("b", {item(10, "c", "b", pb::DUE_KIND_EXPIRE), item(30, "d", "b")});
    index.update("c", {item(10, "b", "c", pb::DUE_KIND_ISSUE)});
    index.update("d", {item(10, "a", "d", pb::DUE_KIND_EXPIRE)});
    CHECK(index.size() == 5);
    std::string order;
    while (const auto* first = index.first()) {
        order += first->object;
        const auto object = first->object;
        index.update(object, object == "b" && index.earliest_of("b") == 10
                                 ? std::vector{item(30, "d", "b")}
                                 : std::vector<DueItem>{});
    }
    CHECK(order == "cdbab");
}

TEST_CASE("what an object calls for is replaced, never added to", "[ledger][due_index]") {
    DueIndex index;
    index.update("a", {item(20, "a", "a"), item(40, "b", "a")}, "contract");
    CHECK(index.earliest_of("a") == 20);
    CHECK(index.earliest_of_contract("contract") == 20);
    index.update("b", {item(10, "c", "b")}, "contract");
    index.update("a", {item(30, "d", "a")}, "contract");
    CHECK(index.size() == 2);
    CHECK(index.earliest_of_contract("contract") == 10);
    index.update("b", {});
    CHECK(index.earliest_of("b") == std::nullopt);
    CHECK(index.earliest_of_contract("contract") == 30);
    CHECK(index.earliest_of_contract("another") == std::nullopt);
    index.update("a", {});
    CHECK(index.size() == 0);
    CHECK(index.earliest_of_contract("contract") == std::nullopt);
}

TEST_CASE("leaves enter and leave the index with their contract", "[ledger][due_index]") {
    Story story;
    story.award(builders, "award", {commitment(food_bank, laptop, 2)});
    DueIndex index;
    for (const auto& [key, value] : story.state().leaves())
        refresh_due(index, test_ledger(), key, story.state());
    REQUIRE(index.size() == 1);
    CHECK(index.earliest_of(award_key(bytes32("award")).bytes) == issued_at);
    CHECK(index.earliest_of_contract(contract_totals_key(bridge()).bytes) == issued_at);

    story.wait_until(issued_at);
    for (const auto& [key, value] : story.state().leaves())
        refresh_due(index, test_ledger(), key, story.state());
    // The pass-on of the line and the expiry of the supplier's balance.
    CHECK(index.size() == 2);
    CHECK(index.first()->kind == pb::DUE_KIND_PASS_ON);
    CHECK_FALSE(bears_due_items(contract_key(bridge()).bytes));
}

}  // namespace tallystick::ledger::test
