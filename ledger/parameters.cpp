#include "ledger/parameters.hpp"

#include "protocol/ensure.hpp"
#include "protocol/types.hpp"

namespace tallystick::ledger {

bool is_listed(pb::Parameter parameter) noexcept {
    return parameter != pb::PARAMETER_UNSPECIFIED && pb::Parameter_IsValid(parameter);
}

bool is_within_bounds(pb::Parameter parameter, std::uint64_t value) noexcept {
    if (value == 0) return false;
    switch (parameter) {
        case pb::PARAMETER_RULE_SET:
        case pb::PARAMETER_DUE_ITEMS_PER_BLOCK_MAX:
        case pb::PARAMETER_REFUSALS_PER_ACCOUNT_PER_BLOCK_MAX: return value <= UINT32_MAX;
        case pb::PARAMETER_REVEAL_SECONDS:
        case pb::PARAMETER_PASS_ON_SECONDS:
        case pb::PARAMETER_ANSWER_SECONDS:
        case pb::PARAMETER_ACCEPTED_DATE_AFTER_WANTED_SECONDS_MAX:
        case pb::PARAMETER_UNDELIVERED_SECONDS:
        case pb::PARAMETER_SETTLING_SECONDS:
        case pb::PARAMETER_TRUSTING_PERIOD_SECONDS:
        case pb::PARAMETER_PROPOSAL_SECONDS: return value <= seconds_max;
        case pb::PARAMETER_UNSPECIFIED:
        case pb::Parameter_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Parameter_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("check() refuses a parameter that is not listed");
}

std::uint64_t value_of(const pb::Parameters& parameters, pb::Parameter parameter) noexcept {
    switch (parameter) {
        case pb::PARAMETER_RULE_SET: return parameters.rule_set();
        case pb::PARAMETER_REVEAL_SECONDS: return parameters.reveal_seconds();
        case pb::PARAMETER_PASS_ON_SECONDS: return parameters.pass_on_seconds();
        case pb::PARAMETER_ANSWER_SECONDS: return parameters.answer_seconds();
        case pb::PARAMETER_ACCEPTED_DATE_AFTER_WANTED_SECONDS_MAX:
            return parameters.accepted_date_after_wanted_seconds_max();
        case pb::PARAMETER_UNDELIVERED_SECONDS: return parameters.undelivered_seconds();
        case pb::PARAMETER_SETTLING_SECONDS: return parameters.settling_seconds();
        case pb::PARAMETER_DUE_ITEMS_PER_BLOCK_MAX: return parameters.due_items_per_block_max();
        case pb::PARAMETER_REFUSALS_PER_ACCOUNT_PER_BLOCK_MAX:
            return parameters.refusals_per_account_per_block_max();
        case pb::PARAMETER_TRUSTING_PERIOD_SECONDS: return parameters.trusting_period_seconds();
        case pb::PARAMETER_PROPOSAL_SECONDS: return parameters.proposal_seconds();
        case pb::PARAMETER_UNSPECIFIED:
        case pb::Parameter_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Parameter_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("check() refuses a parameter that is not listed");
}

void set_value(pb::Parameters& parameters, pb::Parameter parameter, std::uint64_t value) noexcept {
    ensure(is_within_bounds(parameter, value), "check() refuses a value out of bounds");
    // A value within its bounds fits 32 bits where the field has no more.
    switch (parameter) {
        case pb::PARAMETER_RULE_SET:
            return parameters.set_rule_set(static_cast<std::uint32_t>(value));
        case pb::PARAMETER_REVEAL_SECONDS: return parameters.set_reveal_seconds(value);
        case pb::PARAMETER_PASS_ON_SECONDS: return parameters.set_pass_on_seconds(value);
        case pb::PARAMETER_ANSWER_SECONDS: return parameters.set_answer_seconds(value);
        case pb::PARAMETER_ACCEPTED_DATE_AFTER_WANTED_SECONDS_MAX:
            return parameters.set_accepted_date_after_wanted_seconds_max(value);
        case pb::PARAMETER_UNDELIVERED_SECONDS: return parameters.set_undelivered_seconds(value);
        case pb::PARAMETER_SETTLING_SECONDS: return parameters.set_settling_seconds(value);
        case pb::PARAMETER_DUE_ITEMS_PER_BLOCK_MAX:
            return parameters.set_due_items_per_block_max(static_cast<std::uint32_t>(value));
        case pb::PARAMETER_REFUSALS_PER_ACCOUNT_PER_BLOCK_MAX:
            return parameters.set_refusals_per_account_per_block_max(
                static_cast<std::uint32_t>(value));
        case pb::PARAMETER_TRUSTING_PERIOD_SECONDS:
            return parameters.set_trusting_period_seconds(value);
        case pb::PARAMETER_PROPOSAL_SECONDS: return parameters.set_proposal_seconds(value);
        case pb::PARAMETER_UNSPECIFIED:
        case pb::Parameter_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Parameter_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("check() refuses a parameter that is not listed");
}

}  // namespace tallystick::ledger
