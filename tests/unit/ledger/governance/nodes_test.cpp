#include "ledger/governance/nodes.hpp"

#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

TEST_CASE("misbehaviour is recorded against the authority, once a height", "[ledger][nodes]") {
    auto state = governed_world();
    const auto seen = report_on(node_key_of(norfolk), 7);
    CHECK(report(state, seen, 9) == misbehaviour_key(norfolk, 7).bytes);
    const auto record = state.get(misbehaviour_key(norfolk, 7));
    REQUIRE(record);
    CHECK(record->recorded_at() == 9);
    CHECK(record->misbehaviour().SerializeAsString() == seen.SerializeAsString());
    CHECK(record_against_node(state, norfolk)->SerializeAsString() == record->SerializeAsString());

    const auto before = state.leaves();
    auto again = seen;
    again.set_kind(pb::MISBEHAVIOUR_KIND_LIGHT_CLIENT_ATTACK);
    CHECK_FALSE(report(state, again, 12));
    CHECK(state.leaves() == before);
    CHECK(report(state, report_on(node_key_of(norfolk), 8), 12));
    CHECK(record_against_node(state, norfolk)->misbehaviour().height() == 8);
    CHECK(state.get(misbehaviour_key(norfolk, 7)));
}

TEST_CASE("a report about nobody, or of no height, is passed over", "[ledger][nodes]") {
    auto state = governed_world();
    const auto before = state.leaves();
    CHECK_FALSE(report(state, report_on(key_of("stranger").public_key().str())));
    CHECK_FALSE(report(state, report_on(node_key_of(norfolk), 0)));
    pb::Misbehaviour empty;
    empty.set_height(3);
    CHECK_FALSE(report(state, empty));
    CHECK(state.leaves() == before);
}

TEST_CASE("late evidence about an old key is recorded, and does not stand against the new one",
          "[ledger][nodes]") {
    auto state = governed_world();
    REQUIRE(told(take_effect(state, new_node(norfolk, "new node"))) == "done");
    CHECK(report(state, report_on(node_key_of(norfolk)), 50));
    CHECK(state.get(misbehaviour_key(norfolk, 7)));
    CHECK_FALSE(record_against_node(state, norfolk));
    CHECK(told(take_effect(state, taking_power(norfolk))) == refused(Refusal::no_misbehaviour));
}

TEST_CASE("evidence about who has left is recorded", "[ledger][nodes]") {
    auto state = governed_world();
    REQUIRE(told(take_effect(state, removal(norfolk, kent))) == "done");
    CHECK(report(state, report_on(node_key_of(norfolk)), 50) == misbehaviour_key(norfolk, 7).bytes);
    CHECK_FALSE(record_against_node(state, norfolk));
}

TEST_CASE("nodes with power are counted without one authority's", "[ledger][nodes]") {
    auto state = governed_world();
    CHECK(powerful_nodes_without(state, norfolk) == 3);
    take_power_of(state, kent);
    CHECK(powerful_nodes_without(state, norfolk) == 2);
    CHECK(powerful_nodes_without(state, kent) == 3);
}

}  // namespace tallystick::ledger::test
