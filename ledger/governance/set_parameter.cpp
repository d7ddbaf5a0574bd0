#include "ledger/governance/set_parameter.hpp"

#include "ledger/parameters.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

pb::Parameters parameters_of(const StateView& view) {
    const auto parameters = view.get(parameters_key());
    ensure(parameters != nullptr, "a ledger has parameters");
    return *parameters;
}

}  // namespace

Form check(const pb::SetParameter& change, const CheckContext& /*context*/) {
    if (!is_listed(change.parameter())) return Malformed::bad_enum;
    if (!is_within_bounds(change.parameter(), change.value())) return Malformed::bad_parameter;
    return std::nullopt;
}

Verdict judge(const pb::SetParameter& change, const StateView& view) {
    const auto value = value_of(parameters_of(view), change.parameter());
    if (change.value() == value) return Refusal::nothing_changes;
    // Nodes that know the newer rules may have dropped the older ones. A rule set that this program
    // does not know can be voted for all the same: else its nodes would part from those that do.
    if (change.parameter() == pb::PARAMETER_RULE_SET && change.value() < value)
        return Refusal::rule_set_goes_back;
    return std::nullopt;
}

void make(const pb::SetParameter& change, const ChangePoint& /*point*/, Draft& draft) {
    auto parameters = parameters_of(draft);
    set_value(parameters, change.parameter(), change.value());
    draft.put(parameters_key(), std::move(parameters));
}

}  // namespace tallystick::ledger
