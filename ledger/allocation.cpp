#include "ledger/allocation.hpp"

#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

void raise(Draft& draft, const Key<pb::Totals>& key, Amount value) {
    auto totals = draft.get_or_default(key);
    totals.set_awarded(totals.awarded() + value.hundredths());
    draft.put(key, std::move(totals));
}

void lower(Draft& draft, const Key<pb::Totals>& key, Amount value) {
    auto totals = draft.get_or_default(key);
    ensure(totals.awarded() >= value.hundredths(), "no more is given back than was set aside");
    totals.set_awarded(totals.awarded() - value.hundredths());
    draft.put(key, std::move(totals));
}

}  // namespace

bool fits_allocation(const StateView& view, const pb::ContractId& contract, Amount value) {
    const auto found = view.get(contract_key(contract));
    if (!found) return false;
    const auto totals = view.get_or_default(contract_totals_key(contract));
    // Three amounts of at most 2^53 - 1 each: the sum cannot wrap.
    return totals.awarded() + totals.issued() + value.hundredths() <= found->allocation();
}

void set_aside(Draft& draft, const pb::Claim& claim, Amount value) {
    ensure(fits_allocation(draft, claim.contract(), value),
           "allocation_exceeded is refused before");
    raise(draft, contract_totals_key(claim.contract()), value);
    raise(draft, claim_totals_key(claim), value);
}

void give_back(Draft& draft, const pb::Claim& claim, Amount value) {
    lower(draft, contract_totals_key(claim.contract()), value);
    lower(draft, claim_totals_key(claim), value);
}

}  // namespace tallystick::ledger
