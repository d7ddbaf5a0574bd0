#include "ledger/actions/apply_for_accreditation.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"
#include "ledger/participants.hpp"

namespace tallystick::ledger {

Form check(const pb::ApplyForAccreditation& action, const CheckContext& /*context*/) {
    if (const auto bad = check_contract_id(action.contract())) return bad;
    if (const auto bad = check_codes(action.outcomes(), outcomes_max)) return bad;
    if (const auto bad = check_codes(action.wards(), wards_max)) return bad;
    return check_optional_hash(action.reference());
}

std::uint64_t value_moved(const pb::ApplyForAccreditation& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::ApplyForAccreditation& action, const Context& context, Draft& draft) {
    if (!has_role(draft, context.account, pb::ROLE_PROJECT)) return Refusal::not_a_project;
    const auto contract = draft.get(contract_key(action.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    if (is_on_the_other_side(draft, action.contract(), context.account, pb::ROLE_PROJECT))
        return Refusal::on_the_other_side;
    if (!is_subset(action.outcomes(), contract->outcomes())) return Refusal::unknown_outcome;
    if (!is_subset(action.wards(), contract->wards())) return Refusal::unknown_ward;
    const auto key = accreditation_key(action.contract(), context.account);
    auto accreditation = draft.get_or_default(key);
    if (accreditation.has_application()) return Refusal::application_waiting;

    // Decided: nothing below can fail.
    auto* application = accreditation.mutable_application();
    *application->mutable_outcomes() = action.outcomes();
    *application->mutable_wards() = action.wards();
    application->set_reference(action.reference());
    application->set_applied_at(context.now);
    accreditation.clear_declined();
    draft.put(key, std::move(accreditation));
    take_side(draft, action.contract(), context.account, pb::ROLE_PROJECT);
    return std::nullopt;
}

}  // namespace tallystick::ledger
