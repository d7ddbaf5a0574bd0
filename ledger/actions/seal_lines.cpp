#include "ledger/actions/seal_lines.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/participants.hpp"

namespace tallystick::ledger {

namespace {

pb::Claim bidder_of(const pb::SealLines& action, const Context& context) {
    pb::Claim bidder;
    *bidder.mutable_contract() = action.contract();
    bidder.set_supplier(std::string{context.account});
    return bidder;
}

}  // namespace

Form check(const pb::SealLines& action, const CheckContext& /*context*/) {
    if (const auto bad = check_contract_id(action.contract())) return bad;
    return check_hash(action.hash());
}

std::uint64_t value_moved(const pb::SealLines& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::SealLines& action, const Context& context, Draft& draft) {
    if (!has_role(draft, context.account, pb::ROLE_SUPPLIER)) return Refusal::not_a_supplier;
    const auto contract = draft.get(contract_key(action.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (context.now >= contract->bids_close()) return Refusal::bids_closed;
    if (is_on_the_other_side(draft, action.contract(), context.account, pb::ROLE_SUPPLIER))
        return Refusal::on_the_other_side;

    // Decided: nothing below can fail.
    pb::Bid bid;
    bid.set_hash(action.hash());
    bid.set_sealed_at(context.now);
    draft.put(bid_key(bidder_of(action, context)), std::move(bid));
    take_side(draft, action.contract(), context.account, pb::ROLE_SUPPLIER);
    return std::nullopt;
}

}  // namespace tallystick::ledger
