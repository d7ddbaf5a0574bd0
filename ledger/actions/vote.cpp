#include "ledger/actions/vote.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/governance/proposals.hpp"

namespace tallystick::ledger {

Form check(const pb::Vote& action, const CheckContext& /*context*/) {
    if (const auto bad = check_hash(action.proposal())) return bad;
    if (action.choice() != pb::CHOICE_YES && action.choice() != pb::CHOICE_NO)
        return Malformed::bad_enum;
    return std::nullopt;
}

std::uint64_t value_moved(const pb::Vote& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::Vote& action, const Context& context, Draft& draft) {
    const auto authorities = authorities_of(draft);
    if (!is_listed(*authorities, context.account)) return Refusal::not_an_authority;
    const auto key = proposal_key(action.proposal());
    const auto found = draft.get(key);
    if (!found) return Refusal::unknown_proposal;
    if (found->status() != pb::PROPOSAL_STATUS_OPEN) return Refusal::proposal_not_open;
    // Whoever left may have been made to: what it asked for is asked again by those who stay.
    if (!is_listed(*authorities, found->proposer())) return Refusal::proposer_left;
    if (!is_elector(found->change(), *authorities, context.account))
        return Refusal::concerns_your_authority;
    if (has_voted(*found, context.account)) return Refusal::already_voted;

    // Decided: nothing below can fail.
    pb::Ballot ballot;
    ballot.set_authority(std::string{context.account});
    ballot.set_choice(action.choice());
    ballot.set_cast_at(context.now);
    auto proposal = *found;
    cast_ballot(proposal, ballot, *authorities);
    draft.put(key, std::move(proposal));
    return std::nullopt;
}

}  // namespace tallystick::ledger
