#include "ledger/actions/withdraw_lines.hpp"

#include <vector>

#include "ledger/actions/form.hpp"
#include "ledger/contracts.hpp"

namespace tallystick::ledger {

namespace {

pb::Claim bidder_of(const pb::WithdrawLines& action, const Context& context) {
    pb::Claim bidder;
    *bidder.mutable_contract() = action.contract();
    bidder.set_supplier(std::string{context.account});
    return bidder;
}

/// The numbers of the bid's lines that are still there, by whether they are awarded.
struct LinesLeft {
    std::vector<std::uint32_t> free;
    std::vector<std::uint32_t> awarded;
};

LinesLeft lines_left(const StateView& view, const pb::Claim& bidder, const pb::Bid& bid) {
    LinesLeft left;
    for (std::uint32_t number = 0; number < bid.lines(); ++number) {
        const auto line = view.get(revealed_line_key(bidder, number));
        if (!line) continue;
        (line->award().empty() ? left.free : left.awarded).push_back(number);
    }
    return left;
}

}  // namespace

Form check(const pb::WithdrawLines& action, const CheckContext& /*context*/) {
    return check_contract_id(action.contract());
}

std::uint64_t value_moved(const pb::WithdrawLines& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::WithdrawLines& action, const Context& context, Draft& draft) {
    const auto contract = draft.get(contract_key(action.contract()));
    if (!contract) return Refusal::unknown_contract;
    if (!is_open(*contract, context.now)) return Refusal::contract_not_open;
    const auto bidder = bidder_of(action, context);
    const auto bid = draft.get(bid_key(bidder));
    if (!bid) return Refusal::no_bid;
    const auto left = lines_left(draft, bidder, *bid);
    if (left.free.empty() && !left.awarded.empty()) return Refusal::line_already_awarded;

    // Decided: nothing below can fail.
    for (const auto number : left.free) draft.erase(revealed_line_key(bidder, number));
    if (left.awarded.empty()) draft.erase(bid_key(bidder));
    return std::nullopt;
}

}  // namespace tallystick::ledger
