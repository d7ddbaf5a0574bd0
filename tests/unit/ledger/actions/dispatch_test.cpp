#include <set>

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

/// A body with this action, empty: field numbers are those of the oneof.
pb::Body body_with(int field_number) {
    pb::Body body;
    body.set_ledger_id(test_ledger().str());
    body.set_account(suffolk);
    const auto* field = pb::Body::descriptor()->FindFieldByNumber(field_number);
    body.GetReflection()->MutableMessage(&body, field);
    return body;
}

std::vector<int> action_numbers() {
    std::vector<int> numbers;
    const auto* actions = pb::Body::descriptor()->FindOneofByName("action");
    for (int i = 0; i < actions->field_count(); ++i) numbers.push_back(actions->field(i)->number());
    return numbers;
}

}  // namespace

TEST_CASE("every action is dispatched, and an empty one is malformed", "[ledger][dispatch]") {
    const auto numbers = action_numbers();
    CHECK(numbers.size() == 29);
    std::set<std::string_view> names;
    for (const auto number : numbers) {
        const auto body = body_with(number);
        CAPTURE(action_name(body));
        CHECK(check_action(body).has_value());
        CHECK(names.insert(action_name(body)).second);
        const std::set<std::string_view> weighty{"set_policy", "propose", "vote"};
        CHECK(changes_policy(body) == weighty.contains(action_name(body)));
    }
    CHECK(names.contains("resolve_dispute"));
    CHECK(names.contains("register"));
}

TEST_CASE("a body without an action or a ledger is malformed", "[ledger][dispatch]") {
    pb::Body body;
    CHECK(told(check_action(body)) == malformed(Malformed::missing_field));
    CHECK(action_name(body) == "none");
    body.mutable_close_contract();
    CHECK(told(check_action(body)) == malformed(Malformed::bad_hash));
}

TEST_CASE("a body's action is checked, valued and executed as what it is", "[ledger][dispatch]") {
    const auto state = standard_world();
    const Scene scene{suffolk, bids_close, {builders}};
    auto body = body_with(pb::Body::kAwardFieldNumber);
    auto* award = body.mutable_award();
    *award->mutable_contract() = bridge();
    award->set_supplier(builders);
    *award->add_lines() = commitment(food_bank, laptop, 2);
    award->set_standstill_ends(bids_close + standstill_seconds);
    CHECK(told(check_action(body)) == "well-formed");
    CHECK(value_moved(body, state, scene.context()) == 2 * laptop_value);
    Draft draft{state};
    CHECK(told(execute_action(body, scene.context(), draft)) == "done");
    CHECK(draft.get(award_key(scene.id)));
}

}  // namespace tallystick::ledger::test
