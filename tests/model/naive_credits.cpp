#include "model/naive_ledger.hpp"

namespace tallystick::model {

bool NaiveLedger::move(const ClaimName& claim, const std::string& from_account, pb::Pocket from,
                       const std::string& to_account, pb::Pocket to, std::uint64_t amount) {
    if (from != pb::POCKET_ISSUE) {
        auto& held = balances_[{from_account, claim}][from];
        if (held < amount) return false;
        held -= amount;
    }
    const bool leaves =
        to == pb::POCKET_RETIRED || to == pb::POCKET_EXPIRED || to == pb::POCKET_RETURNED;
    if (!leaves) balances_[{to_account, claim}][to] += amount;
    for (const auto& name : {claim, contract_of(claim)}) {
        auto& totals = totals_[name];
        if (from == pb::POCKET_ISSUE)
            totals[from] += amount;
        else
            totals[from] -= amount;
        totals[to] += amount;
    }
    return true;
}

NaiveAwardedLine* NaiveLedger::issued_line(const std::string& award, std::uint32_t number,
                                           const Acting& acting) {
    const auto found = awards_.find(award);
    if (found == awards_.end() || found->second.supplier != acting.account ||
        found->second.status != pb::AWARD_STATUS_ISSUED ||
        !open(found->second.contract, acting.now) || number >= found->second.lines.size())
        return nullptr;
    return &found->second.lines[number];
}

bool NaiveLedger::on(const pb::TransferAwarded& action, const Acting& acting) {
    auto* line = issued_line(action.award(), action.line(), acting);
    if (!line) return false;
    const auto& award = awards_.at(action.award());
    const bool agreed = acting.signers.contains(responsible_for(award.contract));
    if (!has_role(action.to(), pb::ROLE_PROJECT) ||
        !may_take(award.contract, action.to(), pb::ROLE_PROJECT))
        return false;
    if (!agreed &&
        (action.to() != line->line.project() || !grant(award.contract, action.to(), acting.now)))
        return false;
    if (line->left < action.quantity()) return false;
    if (!move(award.claim, acting.account, pb::POCKET_AVAILABLE, action.to(), pb::POCKET_AVAILABLE,
              action.quantity() * line->unit_value))
        return false;
    line->left -= action.quantity();
    sides_[{award.contract, action.to()}] = pb::ROLE_PROJECT;
    return true;
}

bool NaiveLedger::on(const pb::Transfer& action, const Acting& acting) {
    const auto claim = name_of(action.claim());
    const auto contract = contract_of(claim);
    if (!open(contract, acting.now) || !may_take(contract, acting.account, pb::ROLE_PROJECT))
        return false;
    if (!grant(contract, action.to(), acting.now))
        if (!has_role(action.to(), pb::ROLE_PROJECT) ||
            !may_take(contract, action.to(), pb::ROLE_PROJECT) ||
            !acting.signers.contains(responsible_for(contract)))
            return false;
    if (!move(claim, acting.account, pb::POCKET_AVAILABLE, action.to(), pb::POCKET_AVAILABLE,
              action.amount()))
        return false;
    sides_[{contract, action.to()}] = pb::ROLE_PROJECT;
    return true;
}

bool NaiveLedger::on(const pb::ReturnCredits& action, const Acting& acting) {
    const auto claim = name_of(action.claim());
    const auto contract = contract_of(claim);
    if (!open(contract, acting.now) || !may_take(contract, acting.account, pb::ROLE_PROJECT))
        return false;
    return move(claim, acting.account, pb::POCKET_AVAILABLE, acting.account, pb::POCKET_RETURNED,
                action.amount());
}

bool NaiveLedger::on(const pb::ReturnAwarded& action, const Acting& acting) {
    auto* line = issued_line(action.award(), action.line(), acting);
    if (!line) return false;
    const auto& award = awards_.at(action.award());
    if (!acting.signers.contains(responsible_for(award.contract)) || line->left < action.quantity())
        return false;
    if (!move(award.claim, acting.account, pb::POCKET_AVAILABLE, acting.account,
              pb::POCKET_RETURNED, action.quantity() * line->unit_value))
        return false;
    line->left -= action.quantity();
    promises_[{award.claim, line->line.resource()}].awarded -= action.quantity();
    return true;
}

}  // namespace tallystick::model
