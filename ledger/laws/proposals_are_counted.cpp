#include <algorithm>

#include "ledger/laws/laws.hpp"

namespace tallystick::ledger {

namespace {

using Fault = std::optional<std::string>;

bool is_decided(pb::ProposalStatus status) {
    return status == pb::PROPOSAL_STATUS_DECIDED || status == pb::PROPOSAL_STATUS_IN_FORCE ||
           status == pb::PROPOSAL_STATUS_FAILED;
}

bool has_ended(pb::ProposalStatus status) {
    return status == pb::PROPOSAL_STATUS_IN_FORCE || status == pb::PROPOSAL_STATUS_FAILED ||
           status == pb::PROPOSAL_STATUS_LAPSED;
}

/// What can be said of a proposal alone, at any time.
Fault bad_shape(const pb::Proposal& proposal) {
    const auto status = proposal.status();
    if (status == pb::PROPOSAL_STATUS_UNSPECIFIED) return "a proposal without a status";
    if (is_decided(status) != (proposal.decided_at() != 0))
        return "decided at no time, or not at all";
    if (has_ended(status) != (proposal.ended_at() != 0)) return "ended at no time, or not at all";
    if ((status == pb::PROPOSAL_STATUS_FAILED) != (proposal.refusal() != 0))
        return "failed for no reason, or the reverse";
    bool agreed = false;
    const std::string* last = nullptr;
    for (const auto& ballot : proposal.ballots()) {
        if (last && *last >= ballot.authority()) return "an authority voted twice";
        last = &ballot.authority();
        if (ballot.choice() != pb::CHOICE_YES && ballot.choice() != pb::CHOICE_NO)
            return "a vote that says nothing";
        agreed = agreed || ballot.choice() == pb::CHOICE_YES;
    }
    if (is_decided(status) && !agreed) return "decided although nobody agreed";
    return std::nullopt;
}

/// Whom it concerns has no vote, so must not be counted.
std::string concerned(const pb::Change& change) {
    if (change.has_remove_authority()) return change.remove_authority().authority();
    if (change.has_set_authority_policy()) return change.set_authority_policy().authority();
    if (change.has_set_node()) return change.set_node().authority();
    if (change.has_take_power()) return change.take_power().authority();
    return {};
}

/// Envelopes decide and only due items, which come first, change who the authorities are: so those
/// after the block are those who decided in it.
Fault bad_majority(const pb::Proposal& proposal, const StateView& after) {
    const auto left_out = concerned(proposal.change());
    std::uint64_t electors = 0;
    std::uint64_t agreed = 0;
    for (const auto& handle : after.get(authorities_key())->handles()) {
        if (handle == left_out) continue;
        ++electors;
        for (const auto& ballot : proposal.ballots())
            if (ballot.authority() == handle && ballot.choice() == pb::CHOICE_YES) ++agreed;
    }
    if (agreed * 3 > electors * 2) return std::nullopt;
    return "decided by " + std::to_string(agreed) + " of " + std::to_string(electors);
}

bool may_follow(pb::ProposalStatus after, pb::ProposalStatus before) {
    if (before == pb::PROPOSAL_STATUS_OPEN)
        return after == pb::PROPOSAL_STATUS_OPEN || after == pb::PROPOSAL_STATUS_DECIDED ||
               after == pb::PROPOSAL_STATUS_LAPSED;
    return before == pb::PROPOSAL_STATUS_DECIDED &&
           (after == pb::PROPOSAL_STATUS_IN_FORCE || after == pb::PROPOSAL_STATUS_FAILED);
}

bool is_cast_in(const pb::Ballot& ballot, const pb::Proposal& proposal) {
    return std::ranges::any_of(proposal.ballots(), [&](const pb::Ballot& each) {
        return each.SerializeAsString() == ballot.SerializeAsString();
    });
}

/// What was proposed stays as it was read, and no ballot is lost.
Fault bad_growth(const pb::Proposal& before, const pb::Proposal& after) {
    if (!may_follow(after.status(), before.status())) return "a proposal went back";
    if (before.change().SerializeAsString() != after.change().SerializeAsString() ||
        before.proposer() != after.proposer() || before.effective_at() != after.effective_at() ||
        before.proposed_at() != after.proposed_at() || before.lapses_at() != after.lapses_at())
        return "a proposal was altered";
    for (const auto& ballot : before.ballots())
        if (!is_cast_in(ballot, after)) return "a ballot was altered";
    return std::nullopt;
}

}  // namespace

std::optional<Breach> ProposalsAreCounted::check_block(const ExecutedBlock& block) const {
    for (const auto& leaf : block.leaves) {
        if (kind_of(leaf.key) != Kind::proposal) continue;
        if (!leaf.after) return breach(leaf.key, "a proposal is gone");
        const auto& after = *leaf.new_value<pb::Proposal>();
        auto what = bad_shape(after);
        if (!what && leaf.before) what = bad_growth(*leaf.old_value<pb::Proposal>(), after);
        const bool was_decided = is_decided(leaf.old_or_default<pb::Proposal>().status());
        if (!what && is_decided(after.status()) && !was_decided)
            what = bad_majority(after, block.after);
        if (what) return breach(leaf.key, std::move(*what));
    }
    return std::nullopt;
}

std::optional<Breach> ProposalsAreCounted::take_leaf(const std::string& key,
                                                     const google::protobuf::Message& value,
                                                     const StateView& /*view*/) {
    if (kind_of(key) != Kind::proposal) return std::nullopt;
    if (auto what = bad_shape(static_cast<const pb::Proposal&>(value)))
        return breach(key, std::move(*what));
    return std::nullopt;
}

}  // namespace tallystick::ledger
