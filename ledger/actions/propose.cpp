#include "ledger/actions/propose.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/governance/proposals.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

pb::Proposal proposal_of(const pb::Propose& action, const Context& context, const StateView& view) {
    const auto parameters = view.get(parameters_key());
    ensure(parameters != nullptr, "a ledger has parameters");
    pb::Proposal proposal;
    proposal.set_proposer(std::string{context.account});
    *proposal.mutable_change() = action.change();
    proposal.set_effective_at(action.effective_at());
    proposal.set_status(pb::PROPOSAL_STATUS_OPEN);
    proposal.set_proposed_at(context.now);
    proposal.set_lapses_at(context.now + parameters->proposal_seconds());
    return proposal;
}

}  // namespace

Form check(const pb::Propose& action, const CheckContext& context) {
    if (const auto bad = check_change(action.change(), context)) return bad;
    if (action.effective_at() == 0) return std::nullopt;
    return check_time(action.effective_at());
}

std::uint64_t value_moved(const pb::Propose& /*action*/, const StateView& /*view*/,
                          const Context& /*context*/) {
    return 0;
}

Verdict execute(const pb::Propose& action, const Context& context, Draft& draft) {
    const auto authorities = authorities_of(draft);
    if (!is_listed(*authorities, context.account)) return Refusal::not_an_authority;
    if (action.effective_at() > context.now + effective_ahead_seconds_max)
        return Refusal::effective_too_late;
    if (const auto refused = judge_change(action.change(), draft)) return refused;

    // Decided: nothing below can fail.
    auto proposal = proposal_of(action, context, draft);
    if (is_elector(action.change(), *authorities, context.account)) {
        pb::Ballot ballot;
        ballot.set_authority(std::string{context.account});
        ballot.set_choice(pb::CHOICE_YES);
        ballot.set_cast_at(context.now);
        cast_ballot(proposal, ballot, *authorities);
    }
    draft.put(proposal_key(context.id), std::move(proposal));
    return std::nullopt;
}

}  // namespace tallystick::ledger
