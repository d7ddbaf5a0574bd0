#include "wallet/core/approvals.hpp"

#include <algorithm>

#include "wallet/core/sentence_parts.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

Approval approval_of(const std::string& account, bool changes_policy, std::uint64_t amount,
                     const std::vector<std::string>& signers, const Facts& facts) {
    Approval approval;
    approval.account = account;
    const auto known = facts.get(account_key(account));
    if (!known) return approval;
    const auto& policy = known->policy();
    approval.known = true;
    approval.needed = threshold_of(policy, class_of(policy, amount, changes_policy));
    for (const auto& key : policy.keys()) {
        if (std::ranges::binary_search(signers, key)) {
            ++approval.have;
        } else {
            approval.not_yet.push_back(key);
        }
    }
    return approval;
}

}  // namespace

std::vector<Approval> approvals_of(const HalfSigned& draft, const Facts& facts) {
    const auto signers = draft.signers();
    const auto amount = amount_moved(draft.body, facts).value_or(UINT64_MAX);
    // Governing is signed as a change of the policy is: few things weigh more.
    const auto action = draft.body.action_case();
    const bool changes_policy =
        action == pb::Body::kSetPolicy || action == pb::Body::kPropose || action == pb::Body::kVote;
    std::vector<Approval> approvals{
        approval_of(draft.body.account(), changes_policy, amount, signers, facts)};
    for (const auto& account : draft.body.co_signers())
        approvals.push_back(approval_of(account, false, amount, signers, facts));
    return approvals;
}

bool all_satisfied(const std::vector<Approval>& approvals) {
    return std::ranges::all_of(approvals, &Approval::satisfied);
}

std::string missing_text(const std::vector<Approval>& approvals) {
    std::string text;
    for (const auto& approval : approvals) {
        if (approval.satisfied()) continue;
        text += "  " + shown(approval.account);
        if (!approval.known) {
            text += ": the ledger knows no such account\n";
            continue;
        }
        std::vector<std::string> keys;
        for (const auto& key : approval.not_yet) keys.push_back(short_id(key) + "…");
        text += ": " + std::to_string(approval.have) + " of " +
                counted(approval.needed, "signature") + "; can still sign: " + joined(keys, 16) +
                "\n";
    }
    return text;
}

}  // namespace tallystick::wallet
