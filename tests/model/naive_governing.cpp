#include <algorithm>

#include "model/naive_ledger.hpp"
#include "protocol/crypto.hpp"
#include "protocol/keys.hpp"

namespace tallystick::model {
namespace {

std::string address_of_key(const std::string& key) {
    return sha256(key).str().substr(0, 20);
}

bool is_power_left(const std::map<std::string, NaiveNode>& nodes, const std::string& without) {
    return std::ranges::count_if(nodes, [&](const auto& node) {
               return node.first != without && node.second.power != 0;
           }) >= 2;
}

}  // namespace

std::string NaiveLedger::responsible_for(const ContractName& contract) const {
    auto handle = authority_of(contract);
    while (!accounts_.at(handle).successor.empty()) handle = accounts_.at(handle).successor;
    return handle;
}

std::string NaiveLedger::concerned(const pb::Change& change) {
    if (change.has_remove_authority()) return change.remove_authority().authority();
    if (change.has_set_authority_policy()) return change.set_authority_policy().authority();
    if (change.has_set_node()) return change.set_node().authority();
    if (change.has_take_power()) return change.take_power().authority();
    return "";
}

bool NaiveLedger::is_node_key_free(const std::string& key) const {
    return is_key_free(key, "") && !addresses_.contains(address_of_key(key));
}

/// May the policy replace the one of this account?
bool NaiveLedger::fits(const std::string& handle, const pb::Policy& policy,
                       const google::protobuf::RepeatedPtrField<pb::KeyProof>& proofs) const {
    const auto& keys = accounts_.at(handle).keys;
    return std::ranges::all_of(policy.keys(), [&](const std::string& key) {
        const bool proved = std::ranges::any_of(
            proofs, [&](const auto& proof) { return proof.public_key() == key; });
        return keys.contains(key) || (proved && is_key_free(key, ""));
    });
}

bool NaiveLedger::is_possible(const pb::Change& change) const {
    const auto who = concerned(change);
    if (!who.empty() && (!nodes_.contains(who) || nodes_.size() < 3)) return false;
    if (change.has_admit_authority()) {
        const auto& admit = change.admit_authority();
        const bool named = std::ranges::any_of(admit.identifiers(), [&](const auto& each) {
            return identifiers_.contains(each.scheme() + " " + each.id());
        });
        const bool keys = std::ranges::all_of(
            admit.policy().keys(), [&](const auto& key) { return is_key_free(key, ""); });
        return !accounts_.contains(admit.handle()) && !named && keys &&
               is_node_key_free(admit.node().public_key()) && nodes_.size() < 100;
    }
    if (change.has_remove_authority())
        return nodes_.contains(change.remove_authority().successor()) && is_power_left(nodes_, who);
    if (change.has_set_authority_policy())
        return fits(who, change.set_authority_policy().policy(),
                    change.set_authority_policy().proofs());
    if (change.has_set_node()) {
        const auto& node = change.set_node().node();
        const auto& now = nodes_.at(who);
        if (now.key == node.public_key()) return now.power != node.power();
        return is_node_key_free(node.public_key());
    }
    if (change.has_take_power())
        return nodes_.at(who).power != 0 && nodes_.at(who).accused != 0 &&
               is_power_left(nodes_, who);
    if (change.has_set_parameter()) {
        const auto& now = values_.at(change.set_parameter().parameter());
        const bool back = change.set_parameter().parameter() == pb::PARAMETER_RULE_SET &&
                          change.set_parameter().value() < now;
        return change.set_parameter().value() != now && !back;
    }
    const auto powerful =
        std::ranges::count_if(nodes_, [](const auto& node) { return node.second.power != 0; });
    return change.hand_over().segment() == segment_ + 1 &&
           (change.hand_over().engine() != pb::ENGINE_SOLO || powerful == 1);
}

void NaiveLedger::give_node(const std::string& authority, const pb::AuthorityNode& node) {
    nodes_[authority] = {node.public_key(), node.power(), 0};
    addresses_[address_of_key(node.public_key())] = authority;
}

void NaiveLedger::make(const pb::Change& change, std::uint64_t height) {
    const auto who = concerned(change);
    const auto keys_of = [](const pb::Policy& policy) {
        return std::set<std::string>{policy.keys().begin(), policy.keys().end()};
    };
    if (change.has_admit_authority()) {
        const auto& admit = change.admit_authority();
        auto& account = accounts_[admit.handle()];
        account.roles = {pb::ROLE_AUTHORITY};
        account.keys = keys_of(admit.policy());
        for (const auto& each : admit.identifiers())
            identifiers_.insert(each.scheme() + " " + each.id());
        give_node(admit.handle(), admit.node());
    } else if (change.has_remove_authority()) {
        accounts_.at(who).successor = change.remove_authority().successor();
        nodes_.erase(who);
    } else if (change.has_set_authority_policy()) {
        accounts_.at(who).keys = keys_of(change.set_authority_policy().policy());
    } else if (change.has_set_node()) {
        give_node(who, change.set_node().node());
    } else if (change.has_take_power()) {
        nodes_.at(who).power = 0;
    } else if (change.has_set_parameter()) {
        values_[change.set_parameter().parameter()] = change.set_parameter().value();
    } else {
        segment_ = change.hand_over().segment();
        first_height_ = height + 2;
    }
}

void NaiveLedger::count(NaiveProposal& proposal, std::uint64_t now) const {
    std::size_t all = 0, yes = 0, no = 0;
    for (const auto& [handle, node] : nodes_) {
        if (handle == concerned(proposal.change)) continue;
        ++all;
        const auto ballot = proposal.ballots.find(handle);
        if (ballot == proposal.ballots.end()) continue;
        ++(ballot->second == pb::CHOICE_YES ? yes : no);
    }
    if (yes * 3 > all * 2) {
        proposal.status = pb::PROPOSAL_STATUS_DECIDED;
        proposal.due = std::max(proposal.effective_at, now);
    } else if ((all - no) * 3 <= all * 2) {
        proposal.status = pb::PROPOSAL_STATUS_LAPSED;
    }
}

bool NaiveLedger::on(const pb::Propose& action, const Acting& acting) {
    if (!nodes_.contains(acting.account)) return false;
    if (action.effective_at() > acting.now + 366 * day || !is_possible(action.change()))
        return false;
    auto& proposal = proposals_[acting.id];
    proposal.proposer = acting.account;
    proposal.change = action.change();
    proposal.effective_at = action.effective_at();
    proposal.due = acting.now + values_.at(pb::PARAMETER_PROPOSAL_SECONDS);
    if (concerned(action.change()) == acting.account) return true;
    proposal.ballots[acting.account] = pb::CHOICE_YES;
    count(proposal, acting.now);
    return true;
}

bool NaiveLedger::on(const pb::Vote& action, const Acting& acting) {
    const auto found = proposals_.find(action.proposal());
    if (!nodes_.contains(acting.account) || found == proposals_.end()) return false;
    auto& proposal = found->second;
    if (proposal.status != pb::PROPOSAL_STATUS_OPEN || !nodes_.contains(proposal.proposer) ||
        concerned(proposal.change) == acting.account || proposal.ballots.contains(acting.account))
        return false;
    proposal.ballots[acting.account] = action.choice();
    count(proposal, acting.now);
    return true;
}

bool NaiveLedger::run_proposal(NaiveProposal& proposal, std::uint64_t height) {
    if (proposal.status == pb::PROPOSAL_STATUS_OPEN) {
        proposal.status = pb::PROPOSAL_STATUS_LAPSED;
        return true;
    }
    if (!is_possible(proposal.change)) {
        proposal.status = pb::PROPOSAL_STATUS_FAILED;
        return false;
    }
    make(proposal.change, height);
    proposal.status = pb::PROPOSAL_STATUS_IN_FORCE;
    return true;
}

std::vector<std::string> NaiveLedger::take_reports(const Block& block) {
    std::vector<std::string> recorded;
    for (const auto& report : block.misbehaviours) {
        const auto owner = addresses_.find(report.address());
        if (report.height() == 0 || owner == addresses_.end()) continue;
        if (!records_.insert({owner->second, report.height()}).second) continue;
        recorded.push_back(misbehaviour_key(owner->second, report.height()).bytes);
        const auto node = nodes_.find(owner->second);
        if (node != nodes_.end() && address_of_key(node->second.key) == report.address())
            node->second.accused = report.height();
    }
    return recorded;
}

}  // namespace tallystick::model
