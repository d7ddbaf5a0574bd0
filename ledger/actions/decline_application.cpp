#include "ledger/actions/decline_application.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/contracts.hpp"

namespace tallystick::ledger {

Form check(const pb::DeclineApplication& action, const CheckContext& /*context*/) {
    if (const auto bad = check_contract_id(action.contract())) return bad;
    if (const auto bad = check_registered_handle(action.project())) return bad;
    return check_reason(action.reason());
}

std::uint64_t value_moved(const pb::DeclineApplication& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::DeclineApplication& action, const Context& context, Draft& draft) {
    const auto contract = draft.get(contract_key(action.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (!acts_for(action.contract().authority(), context, draft))
        return Refusal::not_the_contracts_authority;
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    const auto key = accreditation_key(action.contract(), action.project());
    auto accreditation = draft.get_or_default(key);
    if (!accreditation.has_application()) return Refusal::no_application;

    // Decided: nothing below can fail.
    accreditation.clear_application();
    *accreditation.mutable_declined() = action.reason();
    draft.put(key, std::move(accreditation));
    return std::nullopt;
}

}  // namespace tallystick::ledger
