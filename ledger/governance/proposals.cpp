#include "ledger/governance/proposals.hpp"

#include <algorithm>

#include "ledger/authorities.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

bool is_elector(const pb::Change& change, const pb::Authorities& authorities,
                std::string_view authority) {
    return is_listed(authorities, authority) && authority_concerned_by(change) != authority;
}

bool has_voted(const pb::Proposal& proposal, std::string_view authority) {
    const auto& ballots = proposal.ballots();
    return std::ranges::find(ballots, authority, &pb::Ballot::authority) != ballots.end();
}

void cast_ballot(pb::Proposal& proposal, const pb::Ballot& ballot,
                 const pb::Authorities& authorities) {
    ensure(!has_voted(proposal, ballot.authority()), "an authority votes once");
    *proposal.add_ballots() = ballot;
    std::ranges::sort(*proposal.mutable_ballots(), {}, &pb::Ballot::authority);
    count_ballots(proposal, authorities, ballot.cast_at());
}

void count_ballots(pb::Proposal& proposal, const pb::Authorities& authorities, std::uint64_t now) {
    ensure(proposal.status() == pb::PROPOSAL_STATUS_OPEN, "only an open proposal is voted on");
    const auto electors = std::ranges::count_if(authorities.handles(), [&](const auto& handle) {
        return is_elector(proposal.change(), authorities, handle);
    });
    // Of whoever has left since then the ballot stands, and does not count.
    std::ptrdiff_t yes = 0;
    std::ptrdiff_t cast = 0;
    for (const auto& ballot : proposal.ballots()) {
        if (!is_elector(proposal.change(), authorities, ballot.authority())) continue;
        ++cast;
        if (ballot.choice() == pb::CHOICE_YES) ++yes;
    }
    if (3 * yes > 2 * electors) {
        proposal.set_status(pb::PROPOSAL_STATUS_DECIDED);
        proposal.set_decided_at(now);
    } else if (3 * (yes + electors - cast) <= 2 * electors) {
        proposal.set_status(pb::PROPOSAL_STATUS_LAPSED);
        proposal.set_ended_at(now);
    }
}

std::uint64_t due_time_of(const pb::Proposal& proposal) noexcept {
    if (proposal.status() == pb::PROPOSAL_STATUS_OPEN) return proposal.lapses_at();
    if (proposal.status() == pb::PROPOSAL_STATUS_DECIDED)
        return std::max(proposal.effective_at(), proposal.decided_at());
    return 0;
}

Verdict execute_proposal(std::string_view proposal, const ChangePoint& point, Draft& draft) {
    const auto key = proposal_key(proposal);
    const auto before = draft.get(key);
    ensure(before != nullptr, "a due item is about something that exists");
    auto after = *before;
    after.set_ended_at(point.time);
    Verdict refused;
    if (before->status() == pb::PROPOSAL_STATUS_OPEN) {
        after.set_status(pb::PROPOSAL_STATUS_LAPSED);
    } else {
        ensure(before->status() == pb::PROPOSAL_STATUS_DECIDED, "a proposal ends once");
        refused = judge_change(before->change(), draft);
        if (refused) {
            after.set_status(pb::PROPOSAL_STATUS_FAILED);
            after.set_refusal(static_cast<std::uint32_t>(*refused));
        } else {
            make_change(before->change(), point, draft);
            after.set_status(pb::PROPOSAL_STATUS_IN_FORCE);
        }
    }
    draft.put(key, std::move(after));
    return refused;
}

}  // namespace tallystick::ledger
