#include "ledger/actions/reveal_lines.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/commitment_lines.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::ledger {

namespace {

pb::Claim bidder_of(const pb::RevealLines& action, const Context& context) {
    pb::Claim bidder;
    *bidder.mutable_contract() = action.contract();
    bidder.set_supplier(std::string{context.account});
    return bidder;
}

bool is_sealed_by(const pb::Bid& bid, const pb::RevealLines& action, const pb::Claim& bidder,
                  const LedgerId& ledger_id) {
    pb::CommitmentLines lines;
    *lines.mutable_lines() = action.lines();
    return bid.hash() == seal_hash(ledger_id, bidder, action.salt(), lines).text();
}

}  // namespace

Form check(const pb::RevealLines& action, const CheckContext& /*context*/) {
    if (const auto bad = check_contract_id(action.contract())) return bad;
    if (const auto bad = check_hash(action.salt())) return bad;
    return check_commitment_lines(action.lines());
}

std::uint64_t value_moved(const pb::RevealLines& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::RevealLines& action, const Context& context, Draft& draft) {
    const auto contract = draft.get(contract_key(action.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (context.now < contract->bids_close()) return Refusal::bids_not_closed;
    if (context.now >= contract->reveal_ends()) return Refusal::reveal_over;
    const auto bidder = bidder_of(action, context);
    const auto sealed = draft.get(bid_key(bidder));
    if (!sealed) return Refusal::no_bid;
    if (sealed->revealed_at() != 0) return Refusal::already_revealed;
    // Without the seal a late bidder could write its lines after it has seen the others'.
    if (!is_sealed_by(*sealed, action, bidder, context.ledger_id))
        return Refusal::seal_does_not_match;
    const auto admitted =
        admit_lines(draft, {action.contract(), *contract}, action.lines(), context.now);
    if (!admitted) return admitted.error();

    // Decided: nothing below can fail.
    std::uint32_t number = 0;
    for (const auto& line : action.lines()) {
        pb::RevealedLine revealed;
        *revealed.mutable_line() = line;
        draft.put(revealed_line_key(bidder, number++), std::move(revealed));
    }
    auto bid = *sealed;
    bid.set_revealed_at(context.now);
    bid.set_lines(number);
    draft.put(bid_key(bidder), std::move(bid));
    return std::nullopt;
}

}  // namespace tallystick::ledger
