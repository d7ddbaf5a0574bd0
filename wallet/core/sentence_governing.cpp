// Sentences of governing: what a proposal would change, and what a vote agrees to.
#include <vector>

#include "protocol/governing.hpp"
#include "wallet/core/sentence_parts.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

std::string names_text(const pb::AdmitAuthority& admit) {
    std::vector<std::string> names;
    for (const auto& name : admit.names()) names.push_back("\"" + shown(name.text()) + "\"");
    std::vector<std::string> identifiers;
    for (const auto& one : admit.identifiers())
        identifiers.push_back(shown(one.scheme()) + " " + shown(one.id()));
    return joined(names) + " as the authority " + shown(admit.handle()) + ", known as " +
           joined(identifiers);
}

std::string node_text(const pb::AuthorityNode& node) {
    return "a node of power " + std::to_string(node.power()) + " (key " +
           short_id(node.public_key()) + "…)";
}

std::string say_set_node(const pb::SetNode& change, const Facts& facts) {
    const auto before = facts.get(authority_node_key(change.authority()));
    auto words = "give the authority " + shown(change.authority()) + " " + node_text(change.node());
    if (!before) return words;
    if (before->public_key() == change.node().public_key())
        return words + ", the key that it has, with power " + std::to_string(before->power()) +
               " until now";
    return words + " in place of " + node_text(*before) + ", which no longer counts";
}

std::string say_set_parameter(const pb::SetParameter& change, const Facts& facts) {
    auto words = "set " + std::string{parameter_in_words(change.parameter())} + " (" +
                 parameter_name(change.parameter()) + ")";
    if (const auto now = facts.get(parameters_key()))
        words += " from " + parameter_value_in_words(change.parameter(),
                                                     parameter_value(*now, change.parameter()));
    return words + " to " + parameter_value_in_words(change.parameter(), change.value());
}

std::string say_hand_over(const pb::HandOver& change) {
    return "end this segment of the chain and go on as segment " +
           std::to_string(change.segment()) + " under the engine " +
           std::string{engine_name(change.engine())} +
           "; every authority must then start its node for the new segment, and until enough of "
           "them have, the ledger takes nothing new";
}

std::string change_text(const pb::Change& change, const Facts& facts) {
    switch (change.change_case()) {
        case pb::Change::kAdmitAuthority: {
            const auto& admit = change.admit_authority();
            return "admit " + names_text(admit) + ", with " + node_text(admit.node()) + " and " +
                   policy_text(admit.policy());
        }
        case pb::Change::kRemoveAuthority: {
            const auto& remove = change.remove_authority();
            return "remove the authority " + shown(remove.authority()) +
                   " for ever: its node no longer counts, it can sign nothing more, and " +
                   shown(remove.successor()) + " takes over its accounts and contracts";
        }
        case pb::Change::kSetAuthorityPolicy: {
            const auto& set = change.set_authority_policy();
            return "change who signs for the authority " + shown(set.authority()) + " to " +
                   policy_text(set.policy());
        }
        case pb::Change::kSetNode: return say_set_node(change.set_node(), facts);
        case pb::Change::kSetParameter: return say_set_parameter(change.set_parameter(), facts);
        case pb::Change::kTakePower: {
            const auto& authority = change.take_power().authority();
            const auto node = facts.get(authority_node_key(authority));
            return "take the power from the node of " + shown(authority) + ", which signed twice" +
                   (node ? " (key " + short_id(node->public_key()) + "…)" : std::string{});
        }
        case pb::Change::kHandOver: return say_hand_over(change.hand_over());
        case pb::Change::CHANGE_NOT_SET: break;
    }
    return "change nothing";
}

std::string when_text(std::uint64_t effective_at) {
    return effective_at == 0 ? "as soon as it is decided" : "not before " + time_text(effective_at);
}

/// `3 of the 4 authorities must agree`, or of the others where one is concerned alone.
std::string electorate_text(const pb::Change& change, const pb::Authorities& authorities) {
    const auto voters = voters_on(change, authorities).size();
    return std::to_string(votes_needed(voters)) + " of the " + std::to_string(voters) +
           (authority_concerned(change).empty() ? "" : " other") +
           (voters == 1 ? " authority must agree" : " authorities must agree");
}

}  // namespace

std::string say(const pb::Propose& action, const Facts& facts) {
    auto words = "propose to " + change_text(action.change(), facts) + "; " +
                 when_text(action.effective_at());
    if (const auto authorities = facts.get(authorities_key()))
        words += "; " + electorate_text(action.change(), *authorities);
    words += ", and proposing it is your yes";
    const auto concerned = authority_concerned(action.change());
    return concerned.empty() ? words : words + ", but " + shown(concerned) + " has no vote on it";
}

std::string say(const pb::Vote& action, const Facts& facts) {
    std::string words = action.choice() == pb::CHOICE_YES ? "vote yes" : "vote no";
    words += " on the proposal " + short_id(action.proposal()) + "…";
    const std::string final_words = "; a vote cannot be taken back";
    const auto proposal = facts.get(proposal_key(action.proposal()));
    if (!proposal) return words + final_words;
    words += " of " + shown(proposal->proposer()) + ": to " +
             change_text(proposal->change(), facts) + "; " + when_text(proposal->effective_at());
    if (const auto authorities = facts.get(authorities_key()))
        words += "; " + electorate_text(proposal->change(), *authorities);
    std::uint64_t yes = 0;
    std::uint64_t no = 0;
    for (const auto& ballot : proposal->ballots()) ++(ballot.choice() == pb::CHOICE_YES ? yes : no);
    return words + "; so far " + std::to_string(yes) + " yes and " + std::to_string(no) + " no" +
           final_words;
}

}  // namespace tallystick::wallet
