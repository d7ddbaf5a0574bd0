#include <algorithm>

#include "model/naive_ledger.hpp"

namespace tallystick::model {
namespace {

pb::Pocket pocket_of(pb::Cell cell) {
    static const std::map<pb::Cell, pb::Pocket> pockets{
        {pb::CELL_OUTSTANDING, pb::POCKET_RESERVED},
        {pb::CELL_DELIVERED, pb::POCKET_RESERVED},
        {pb::CELL_DISPUTED_DELIVERED, pb::POCKET_DISPUTED},
        {pb::CELL_DISPUTED_CONFIRMED, pb::POCKET_DISPUTED},
        {pb::CELL_CONFIRMED, pb::POCKET_CONFIRMED},
        {pb::CELL_RETIRED, pb::POCKET_RETIRED},
        {pb::CELL_RELEASED, pb::POCKET_AVAILABLE},
        {pb::CELL_EXPIRED, pb::POCKET_EXPIRED}};
    return pockets.at(cell);
}

bool is_live(NaiveRequest& line) {
    return line.cells[pb::CELL_RETIRED] + line.cells[pb::CELL_RELEASED] +
               line.cells[pb::CELL_EXPIRED] !=
           line.requested;
}

}  // namespace

void NaiveLedger::shift(NaiveRedemption& redemption, NaiveRequest& line, pb::Cell from, pb::Cell to,
                        std::uint64_t units) {
    if (units == 0) return;
    line.cells[from] -= units;
    line.cells[to] += units;
    if (pocket_of(from) != pocket_of(to) &&
        !move(redemption.claim, redemption.project, pocket_of(from), redemption.project,
              pocket_of(to), units * line.unit_value))
        stop_on_bug("cells are backed by credits");
    if (to == pb::CELL_RELEASED && redemption.status == pb::REDEMPTION_STATUS_ACCEPTED)
        promises_[{redemption.claim, line.resource}].accepted -= units;
    if (std::ranges::any_of(redemption.lines, is_live)) return;
    const auto any = [&](auto fits) { return std::ranges::any_of(redemption.lines, fits); };
    if (!any([](const auto& each) { return each.cancelled != each.requested; }))
        redemption.status = pb::REDEMPTION_STATUS_CANCELLED;
    else if (any([](const auto& each) { return each.declined != 0; }))
        redemption.status = pb::REDEMPTION_STATUS_DECLINED;
    else if (redemption.status == pb::REDEMPTION_STATUS_REQUESTED &&
             !any([](auto& each) { return each.cells[pb::CELL_EXPIRED] != 0; }))
        redemption.status = pb::REDEMPTION_STATUS_LAPSED;
    else
        redemption.status = pb::REDEMPTION_STATUS_ENDED;
}

NaiveRequest* NaiveLedger::line_of(const std::string& redemption, std::uint32_t number) {
    const auto found = redemptions_.find(redemption);
    if (found == redemptions_.end() || number >= found->second.lines.size()) return nullptr;
    return &found->second.lines[number];
}

bool NaiveLedger::on(const pb::Redeem& action, const Acting& acting) {
    const auto claim = name_of(action.claim());
    const auto contract = contract_of(claim);
    const auto* found = open(contract, acting.now);
    const auto* granted = grant(contract, acting.account, acting.now);
    if (!found || !granted || action.wanted_by() <= acting.now ||
        action.wanted_by() >= found->deadline)
        return false;
    NaiveRedemption made{claim,
                         contract,
                         action.claim().supplier(),
                         acting.account,
                         pb::REDEMPTION_STATUS_REQUESTED,
                         action.wanted_by(),
                         0,
                         {}};
    Wide total = 0;
    for (const auto& line : action.lines()) {
        const auto value = found->unit_values.find(line.resource());
        if (value == found->unit_values.end() || !granted->outcomes.contains(line.outcome()) ||
            !granted->wards.contains(line.ward()) ||
            promises_[{claim, line.resource()}].awarded == 0)
            return false;
        total += Wide{value->second} * line.quantity();
        NaiveRequest request;
        request.resource = line.resource();
        request.unit_value = value->second;
        request.requested = request.cells[pb::CELL_OUTSTANDING] = line.quantity();
        request.lapse_at = acting.now + values_.at(pb::PARAMETER_ANSWER_SECONDS);
        made.lines.push_back(std::move(request));
    }
    if (total > Amount::hundredths_max ||
        !move(claim, acting.account, pb::POCKET_AVAILABLE, acting.account, pb::POCKET_RESERVED,
              static_cast<std::uint64_t>(total)))
        return false;
    redemptions_[acting.id] = std::move(made);
    return true;
}

bool NaiveLedger::on(const pb::AcceptRedemption& action, const Acting& acting) {
    const auto found = redemptions_.find(action.redemption());
    if (found == redemptions_.end()) return false;
    auto& redemption = found->second;
    const auto* contract = open(redemption.contract, acting.now);
    if (!contract || redemption.supplier != acting.account ||
        redemption.status != pb::REDEMPTION_STATUS_REQUESTED)
        return false;
    if (action.date() < acting.now || action.date() >= contract->deadline ||
        action.date() >
            redemption.wanted_by + values_.at(pb::PARAMETER_ACCEPTED_DATE_AFTER_WANTED_SECONDS_MAX))
        return false;
    redemption.status = pb::REDEMPTION_STATUS_ACCEPTED;
    redemption.agreed = action.date();
    for (auto& line : redemption.lines) {
        const auto units = line.cells[pb::CELL_OUTSTANDING];
        if (units == 0) continue;
        line.lapse_at = action.date() + values_.at(pb::PARAMETER_UNDELIVERED_SECONDS);
        promises_[{redemption.claim, line.resource}].accepted += units;
    }
    return true;
}

bool NaiveLedger::on(const pb::DeclineRedemption& action, const Acting& acting) {
    const auto found = redemptions_.find(action.redemption());
    if (found == redemptions_.end()) return false;
    auto& redemption = found->second;
    if (!open(redemption.contract, acting.now) || redemption.supplier != acting.account ||
        redemption.status != pb::REDEMPTION_STATUS_REQUESTED)
        return false;
    for (auto& line : redemption.lines) {
        const auto units = line.cells[pb::CELL_OUTSTANDING];
        line.declined += units;
        shift(redemption, line, pb::CELL_OUTSTANDING, pb::CELL_RELEASED, units);
    }
    return true;
}

bool NaiveLedger::on(const pb::CancelRedemption& action, const Acting& acting) {
    const auto found = redemptions_.find(action.redemption());
    if (found == redemptions_.end()) return false;
    auto& redemption = found->second;
    const bool accepted = redemption.status == pb::REDEMPTION_STATUS_ACCEPTED;
    if (acting.account != redemption.project && acting.account != redemption.supplier) return false;
    if (!acting.signers.contains(redemption.project)) return false;
    if (!accepted && redemption.status != pb::REDEMPTION_STATUS_REQUESTED) return false;
    if (!open(redemption.contract, acting.now)) return false;
    if (accepted && acting.now <= redemption.agreed &&
        !acting.signers.contains(redemption.supplier))
        return false;
    for (const auto number : action.lines()) {
        auto* line = line_of(action.redemption(), number);
        if (!line || line->cells[pb::CELL_OUTSTANDING] == 0) return false;
    }
    for (const auto number : action.lines()) {
        auto& line = redemption.lines[number];
        const auto units = line.cells[pb::CELL_OUTSTANDING];
        line.cancelled += units;
        shift(redemption, line, pb::CELL_OUTSTANDING, pb::CELL_RELEASED, units);
    }
    return true;
}

bool NaiveLedger::on(const pb::RecordDelivery& action, const Acting& acting) {
    auto* line = line_of(action.redemption(), action.line());
    if (!line) return false;
    auto& redemption = redemptions_.at(action.redemption());
    if (redemption.supplier != acting.account ||
        redemption.status != pb::REDEMPTION_STATUS_ACCEPTED ||
        !open(redemption.contract, acting.now) ||
        line->cells[pb::CELL_OUTSTANDING] < action.quantity())
        return false;
    for (const auto& tag : action.evidence())
        if (evidence_.contains(tag)) return false;
    evidence_.insert(action.evidence().begin(), action.evidence().end());
    shift(redemption, *line, pb::CELL_OUTSTANDING, pb::CELL_DELIVERED, action.quantity());
    return true;
}

bool NaiveLedger::on(const pb::ConfirmDelivery& action, const Acting& acting) {
    for (const auto& each : action.lines()) {
        auto* line = line_of(each.redemption(), each.line());
        if (!line || redemptions_.at(each.redemption()).project != acting.account ||
            line->cells[pb::CELL_DELIVERED] < each.quantity())
            return false;
    }
    for (const auto& each : action.lines())
        shift(redemptions_.at(each.redemption()), *line_of(each.redemption(), each.line()),
              pb::CELL_DELIVERED, pb::CELL_CONFIRMED, each.quantity());
    return true;
}

bool NaiveLedger::on(const pb::VerifyDelivery& action, const Acting& acting) {
    for (const auto& each : action.lines()) {
        auto* line = line_of(each.redemption(), each.line());
        if (!line ||
            responsible_for(redemptions_.at(each.redemption()).contract) != acting.account ||
            line->cells[pb::CELL_CONFIRMED] < each.quantity())
            return false;
    }
    for (const auto& each : action.lines())
        shift(redemptions_.at(each.redemption()), *line_of(each.redemption(), each.line()),
              pb::CELL_CONFIRMED, pb::CELL_RETIRED, each.quantity());
    return true;
}

bool NaiveLedger::on(const pb::Dispute& action, const Acting& acting) {
    auto* line = line_of(action.redemption(), action.line());
    if (!line) return false;
    auto& redemption = redemptions_.at(action.redemption());
    const std::set<std::string> parties{redemption.project, redemption.supplier,
                                        responsible_for(redemption.contract)};
    if (!parties.contains(acting.account) ||
        acting.now >= contracts_.at(redemption.contract).settling_ends ||
        line->cells[action.from()] < action.quantity())
        return false;
    shift(redemption, *line, action.from(),
          action.from() == pb::CELL_DELIVERED ? pb::CELL_DISPUTED_DELIVERED
                                              : pb::CELL_DISPUTED_CONFIRMED,
          action.quantity());
    return true;
}

bool NaiveLedger::on(const pb::ResolveDispute& action, const Acting& acting) {
    auto* line = line_of(action.redemption(), action.line());
    if (!line) return false;
    auto& redemption = redemptions_.at(action.redemption());
    const auto delivered = line->cells[pb::CELL_DISPUTED_DELIVERED];
    const auto confirmed = line->cells[pb::CELL_DISPUTED_CONFIRMED];
    if (responsible_for(redemption.contract) != acting.account || delivered + confirmed == 0 ||
        action.to_project() + action.to_retire() != delivered + confirmed)
        return false;
    if (action.to_retire() > confirmed && !acting.signers.contains(redemption.project))
        return false;
    const auto back = open(redemption.contract, acting.now) ? pb::CELL_RELEASED : pb::CELL_EXPIRED;
    const auto first = std::min(action.to_retire(), confirmed);
    const auto second = action.to_retire() - first;
    shift(redemption, *line, pb::CELL_DISPUTED_CONFIRMED, pb::CELL_RETIRED, first);
    shift(redemption, *line, pb::CELL_DISPUTED_DELIVERED, pb::CELL_RETIRED, second);
    shift(redemption, *line, pb::CELL_DISPUTED_CONFIRMED, back, confirmed - first);
    shift(redemption, *line, pb::CELL_DISPUTED_DELIVERED, back, delivered - second);
    return true;
}

}  // namespace tallystick::model
