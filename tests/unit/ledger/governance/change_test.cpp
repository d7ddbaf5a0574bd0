#include "ledger/governance/change.hpp"

#include <set>

#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

TEST_CASE("a proposal without a change is malformed", "[ledger][change]") {
    CHECK(told(check_change(pb::Change{}, Scene{suffolk}.check_context())) ==
          malformed(Malformed::missing_field));
}

TEST_CASE("every kind of change is dispatched, and an empty one is malformed", "[ledger][change]") {
    const auto* kinds = pb::Change::descriptor()->FindOneofByName("change");
    REQUIRE(kinds->field_count() == 7);
    std::set<std::string> concerning;
    for (int i = 0; i < kinds->field_count(); ++i) {
        pb::Change change;
        auto& each = *change.GetReflection()->MutableMessage(&change, kinds->field(i));
        CAPTURE(kinds->field(i)->name());
        CHECK(check_change(change, Scene{suffolk}.check_context()));
        const auto* authority = each.GetDescriptor()->FindFieldByName("authority");
        if (authority == nullptr) continue;
        each.GetReflection()->SetString(&each, authority, norfolk);
        CHECK(authority_concerned_by(change) == norfolk);
        concerning.insert(kinds->field(i)->name());
    }
    CHECK(concerning == std::set<std::string>{"remove_authority", "set_authority_policy",
                                              "set_node", "take_power"});
    CHECK(authority_concerned_by(change_of(admit(surrey))).empty());
    CHECK(authority_concerned_by(change_of(parameter(pb::PARAMETER_REVEAL_SECONDS, 1))).empty());
    CHECK(authority_concerned_by(change_of(handing_over(2))).empty());
}

TEST_CASE("what concerns an authority wants one that is here, and two others", "[ledger][change]") {
    auto state = governed_world();
    REQUIRE(report(state, report_on(node_key_of(norfolk))));
    const std::vector<pb::Change> changes{
        change_of(removal(norfolk, suffolk)), change_of(new_signer(norfolk, "ada")),
        change_of(new_node(norfolk, "new node")), change_of(taking_power(norfolk))};
    for (const auto& change : changes) {
        CAPTURE(change.ShortDebugString());
        auto world = state;
        CHECK(told(judge_change(change, world)) == "done");
        leave_only(world, {kent, norfolk});
        CHECK(told(judge_change(change, world)) == refused(Refusal::too_few_authorities));
        leave_only(world, {kent, suffolk});
        CHECK(told(judge_change(change, world)) == refused(Refusal::unknown_authority));
    }
}

TEST_CASE("three authorities are enough to decide about one of them", "[ledger][change]") {
    auto state = governed_world();
    leave_only(state, {kent, norfolk, suffolk});
    CHECK(told(judge_change(change_of(new_node(norfolk, "new node")), state)) == "done");
}

}  // namespace tallystick::ledger::test
