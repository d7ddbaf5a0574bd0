#include "ledger/actions/accredit.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/contracts.hpp"

namespace tallystick::ledger {

Form check(const pb::Accredit& action, const CheckContext& /*context*/) {
    if (const auto bad = check_contract_id(action.contract())) return bad;
    if (const auto bad = check_registered_handle(action.project())) return bad;
    if (const auto bad = check_codes(action.outcomes(), outcomes_max)) return bad;
    if (const auto bad = check_codes(action.wards(), wards_max)) return bad;
    if (const auto bad = check_time(action.expires())) return bad;
    return check_reason(action.relevance());
}

std::uint64_t value_moved(const pb::Accredit& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::Accredit& action, const Context& context, Draft& draft) {
    const auto contract = draft.get(contract_key(action.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (!acts_for(action.contract().authority(), context, draft))
        return Refusal::not_the_contracts_authority;
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    const auto key = accreditation_key(action.contract(), action.project());
    auto accreditation = draft.get_or_default(key);
    if (!accreditation.has_application()) return Refusal::no_application;
    if (!is_subset(action.outcomes(), contract->outcomes())) return Refusal::unknown_outcome;
    if (!is_subset(action.wards(), contract->wards())) return Refusal::unknown_ward;
    if (action.expires() <= context.now || action.expires() > contract->redemption_deadline())
        return Refusal::expiry_out_of_range;

    // Decided: nothing below can fail.
    accreditation.clear_application();
    accreditation.clear_declined();
    auto* grant = accreditation.mutable_grant();
    *grant->mutable_outcomes() = action.outcomes();
    *grant->mutable_wards() = action.wards();
    grant->set_expires(action.expires());
    *grant->mutable_relevance() = action.relevance();
    grant->set_granted_at(context.now);
    draft.put(key, std::move(accreditation));
    return std::nullopt;
}

}  // namespace tallystick::ledger
