#include "ledger/governance/set_parameter.hpp"

#include "ledger/parameters.hpp"
#include "unit/ledger/governing.hpp"

namespace tallystick::ledger::test {

TEST_CASE("a parameter is malformed unless listed and within its bounds",
          "[ledger][set_parameter]") {
    CHECK(form_of(parameter(pb::PARAMETER_REVEAL_SECONDS, 1)) == "well-formed");
    CHECK(form_of(parameter(pb::PARAMETER_REVEAL_SECONDS, seconds_max)) == "well-formed");
    CHECK(form_of(parameter(pb::PARAMETER_REVEAL_SECONDS, seconds_max + 1)) ==
          malformed(Malformed::bad_parameter));
    CHECK(form_of(parameter(pb::PARAMETER_DUE_ITEMS_PER_BLOCK_MAX, UINT32_MAX)) == "well-formed");
    CHECK(form_of(parameter(pb::PARAMETER_DUE_ITEMS_PER_BLOCK_MAX, std::uint64_t{1} << 32)) ==
          malformed(Malformed::bad_parameter));
    CHECK(form_of(parameter(pb::PARAMETER_UNSPECIFIED, 1)) == malformed(Malformed::bad_enum));
}

TEST_CASE("every parameter of the ledger can be set, and only to what it may be",
          "[ledger][set_parameter]") {
    const auto* fields = pb::Parameters::descriptor();
    REQUIRE(fields->field_count() == pb::Parameter_MAX);
    for (int number = 1; number <= pb::Parameter_MAX; ++number) {
        const auto which = static_cast<pb::Parameter>(number);
        CAPTURE(pb::Parameter_Name(which));
        REQUIRE(is_listed(which));
        CHECK(form_of(parameter(which, 0)) == malformed(Malformed::bad_parameter));
        auto state = governed_world();
        REQUIRE(told(take_effect(state, parameter(which, 77))) == "done");
        // The one field that bears the number, and no other.
        auto expected = default_parameters();
        const auto* field = fields->FindFieldByNumber(number);
        REQUIRE(field != nullptr);
        if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_UINT32)
            expected.GetReflection()->SetUInt32(&expected, field, 77);
        else
            expected.GetReflection()->SetUInt64(&expected, field, 77);
        CHECK(state.get(parameters_key())->SerializeAsString() == expected.SerializeAsString());
        CHECK(value_of(expected, which) == 77);
    }
}

TEST_CASE("a parameter is refused where nothing changes, or the rules go back",
          "[ledger][set_parameter]") {
    auto state = governed_world();
    CHECK(told(take_effect(state, parameter(pb::PARAMETER_REVEAL_SECONDS, 3 * day))) ==
          refused(Refusal::nothing_changes));
    CHECK(told(take_effect(state, parameter(pb::PARAMETER_RULE_SET, 1))) ==
          refused(Refusal::nothing_changes));
    REQUIRE(told(take_effect(state, parameter(pb::PARAMETER_RULE_SET, 3))) == "done");
    CHECK(told(take_effect(state, parameter(pb::PARAMETER_RULE_SET, 2))) ==
          refused(Refusal::rule_set_goes_back));
    REQUIRE(told(take_effect(state, parameter(pb::PARAMETER_REVEAL_SECONDS, 2 * day))) == "done");
    CHECK(told(take_effect(state, parameter(pb::PARAMETER_REVEAL_SECONDS, day))) == "done");
}

}  // namespace tallystick::ledger::test
