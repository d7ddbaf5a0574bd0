#include "ledger/actions/publish_need.hpp"

#include "ledger/accreditation.hpp"
#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"

namespace tallystick::ledger {

Form check(const pb::PublishNeed& action, const CheckContext& /*context*/) {
    if (const auto bad = check_contract_id(action.contract())) return bad;
    if (const auto bad = check_code(action.resource())) return bad;
    if (const auto bad = check_quantity(action.quantity())) return bad;
    if (const auto bad = check_time(action.by_when())) return bad;
    return check_code(action.ward());
}

std::uint64_t value_moved(const pb::PublishNeed& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::PublishNeed& action, const Context& context, Draft& draft) {
    const auto contract = draft.get(contract_key(action.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    const auto grant = grant_at(draft, action.contract(), context.account, context.now);
    if (!grant) return Refusal::not_accredited;
    if (find_price(*contract, action.resource()) == nullptr) return Refusal::unknown_resource;
    if (action.by_when() <= context.now || action.by_when() >= contract->redemption_deadline())
        return Refusal::date_out_of_range;
    if (!contains(grant->wards(), action.ward())) return Refusal::unknown_ward;

    // Decided: nothing below can fail.
    pb::Need need;
    *need.mutable_contract() = action.contract();
    need.set_project(std::string{context.account});
    need.set_resource(action.resource());
    need.set_quantity(action.quantity());
    need.set_by_when(action.by_when());
    need.set_ward(action.ward());
    need.set_published_at(context.now);
    draft.put(need_key(context.id), std::move(need));
    return std::nullopt;
}

}  // namespace tallystick::ledger
