#include <algorithm>

#include "model/naive_ledger.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::model {
namespace {

std::set<std::string> set_of(const google::protobuf::RepeatedPtrField<std::string>& list) {
    return {list.begin(), list.end()};
}

bool within(const google::protobuf::RepeatedPtrField<std::string>& list,
            const std::set<std::string>& all) {
    return std::ranges::all_of(list, [&](const auto& item) { return all.contains(item); });
}

Wide allocation_of(const pb::OpenContract& action) {
    if (action.has_allocation_fixed()) return action.allocation_fixed();
    if (action.value_pence() == 0) return 0;
    if (action.has_allocation_rate()) {
        const auto& rate = action.allocation_rate();
        return Wide{action.value_pence()} * rate.basis_points() /
               (Wide{100} * rate.pence_per_credit());
    }
    Wide found = 0;
    for (const auto& band : action.allocation_bands().bands())
        if (band.from_pence() <= action.value_pence()) found = band.allocation();
    return found;
}

}  // namespace

bool NaiveLedger::has_role(const std::string& account, pb::Role role) const {
    const auto found = accounts_.find(account);
    return found != accounts_.end() && found->second.roles.contains(role);
}

bool NaiveLedger::is_key_free(const std::string& key, const std::string& but) const {
    return std::ranges::none_of(accounts_,
                                [&](const auto& account) {
                                    return account.first != but &&
                                           account.second.keys.contains(key);
                                }) &&
           std::ranges::none_of(nodes_, [&](const auto& node) { return node.second.key == key; });
}

NaiveContract* NaiveLedger::open(const ContractName& name, std::uint64_t now) {
    const auto found = contracts_.find(name);
    if (found == contracts_.end() || now >= found->second.deadline || found->second.closed)
        return nullptr;
    return &found->second;
}

const NaiveGrant* NaiveLedger::grant(const ContractName& contract, const std::string& project,
                                     std::uint64_t at) const {
    const auto found = accreditations_.find({contract, project});
    if (found == accreditations_.end() || !found->second.grant) return nullptr;
    return at < found->second.grant->expires ? &*found->second.grant : nullptr;
}

bool NaiveLedger::may_take(const ContractName& contract, const std::string& account,
                           pb::Role role) const {
    const auto found = sides_.find({contract, account});
    return found == sides_.end() || found->second == role;
}

std::optional<std::uint64_t> NaiveLedger::admit(
    const ContractName& name, const google::protobuf::RepeatedPtrField<pb::CommitmentLine>& lines,
    std::uint64_t now) const {
    const auto& contract = contracts_.at(name);
    Wide total = 0;
    for (const auto& line : lines) {
        const auto* granted = grant(name, line.project(), now);
        if (!granted || !granted->outcomes.contains(line.outcome()) ||
            !granted->wards.contains(line.ward()))
            return std::nullopt;
        const auto value = contract.unit_values.find(line.resource());
        if (value == contract.unit_values.end()) return std::nullopt;
        if (line.due() <= now || line.due() >= contract.deadline) return std::nullopt;
        total += Wide{value->second} * line.quantity();
    }
    if (total > Amount::hundredths_max) return std::nullopt;
    return static_cast<std::uint64_t>(total);
}

bool NaiveLedger::on(const pb::Register& action, const Acting& acting) {
    if (!has_role(acting.account, pb::ROLE_AUTHORITY)) return false;
    if (!action.handle().starts_with(acting.account + "/")) return false;
    if (accounts_.contains(action.handle())) return false;
    for (const auto& each : action.identifiers())
        if (identifiers_.contains(each.scheme() + " " + each.id())) return false;
    for (const auto& key : action.policy().keys())
        if (!is_key_free(key, "")) return false;
    auto& account = accounts_[action.handle()];
    account.roles = {action.roles().begin(), action.roles().end()};
    account.keys = set_of(action.policy().keys());
    for (const auto& each : action.identifiers())
        identifiers_.insert(each.scheme() + " " + each.id());
    return true;
}

bool NaiveLedger::on(const pb::SetPolicy& action, const Acting& acting) {
    if (!fits(acting.account, action.policy(), action.proofs())) return false;
    accounts_.at(acting.account).keys = set_of(action.policy().keys());
    return true;
}

bool NaiveLedger::on(const pb::OpenContract& action, const Acting& acting) {
    if (!has_role(acting.account, pb::ROLE_AUTHORITY) ||
        action.contract().authority() != acting.account)
        return false;
    const auto name = name_of(action.contract());
    if (contracts_.contains(name) || action.bids_close() <= acting.now) return false;
    NaiveContract made{};
    made.bids_close = action.bids_close();
    made.reveal_ends = action.bids_close() + values_.at(pb::PARAMETER_REVEAL_SECONDS);
    made.standstill = action.standstill_seconds();
    made.deadline = action.redemption_deadline();
    made.settling_ends = made.deadline + values_.at(pb::PARAMETER_SETTLING_SECONDS);
    if (made.reveal_ends + made.standstill >= made.deadline) return false;
    for (const auto& price : action.prices()) {
        const auto value =
            static_cast<std::uint64_t>(Wide{price.hundredths_per_unit()} *
                                       (10'000 - price.deadweight_basis_points()) / 10'000);
        if (value == 0) return false;
        made.unit_values[price.resource()] = value;
    }
    const auto allocation = allocation_of(action);
    if (allocation == 0 || allocation > Amount::hundredths_max) return false;
    made.allocation = static_cast<std::uint64_t>(allocation);
    made.outcomes = set_of(action.outcomes());
    made.wards = set_of(action.wards());
    contracts_[name] = made;
    return true;
}

bool NaiveLedger::on(const pb::CloseContract& action, const Acting& acting) {
    const auto name = name_of(action.contract());
    const auto found = contracts_.find(name);
    if (found == contracts_.end() || responsible_for(name_of(action.contract())) != acting.account)
        return false;
    if (found->second.closed || acting.now < found->second.deadline || awarded_[name] != 0)
        return false;
    for (const auto& [holder, pockets] : balances_)
        for (const auto& [pocket, amount] : pockets)
            if (contract_of(holder.second) == name && amount != 0) return false;
    found->second.closed = true;
    return true;
}

bool NaiveLedger::on(const pb::ApplyForAccreditation& action, const Acting& acting) {
    const auto name = name_of(action.contract());
    const auto* contract = open(name, acting.now);
    if (!contract || !has_role(acting.account, pb::ROLE_PROJECT)) return false;
    if (!may_take(name, acting.account, pb::ROLE_PROJECT)) return false;
    if (!within(action.outcomes(), contract->outcomes) || !within(action.wards(), contract->wards))
        return false;
    auto& record = accreditations_[{name, acting.account}];
    if (record.waiting) return false;
    record.waiting = true;
    sides_[{name, acting.account}] = pb::ROLE_PROJECT;
    return true;
}

bool NaiveLedger::on(const pb::DeclineApplication& action, const Acting& acting) {
    const auto name = name_of(action.contract());
    if (!open(name, acting.now) || responsible_for(name_of(action.contract())) != acting.account)
        return false;
    auto& record = accreditations_[{name, action.project()}];
    return std::exchange(record.waiting, false);
}

bool NaiveLedger::on(const pb::Accredit& action, const Acting& acting) {
    const auto name = name_of(action.contract());
    const auto* contract = open(name, acting.now);
    if (!contract || responsible_for(name_of(action.contract())) != acting.account) return false;
    auto& record = accreditations_[{name, action.project()}];
    if (!record.waiting || !within(action.outcomes(), contract->outcomes) ||
        !within(action.wards(), contract->wards))
        return false;
    if (action.expires() <= acting.now || action.expires() > contract->deadline) return false;
    record.waiting = false;
    record.grant = NaiveGrant{set_of(action.outcomes()), set_of(action.wards()), action.expires()};
    return true;
}

bool NaiveLedger::on(const pb::PublishNeed& action, const Acting& acting) {
    const auto name = name_of(action.contract());
    const auto* contract = open(name, acting.now);
    const auto* granted = grant(name, acting.account, acting.now);
    if (!contract || !granted || !contract->unit_values.contains(action.resource())) return false;
    if (action.by_when() <= acting.now || action.by_when() >= contract->deadline) return false;
    if (!granted->wards.contains(action.ward())) return false;
    needs_[acting.id] = {acting.account, name};
    return true;
}

bool NaiveLedger::on(const pb::WithdrawNeed& action, const Acting& acting) {
    const auto found = needs_.find(action.need());
    if (found == needs_.end() || found->second.first != acting.account) return false;
    if (!open(found->second.second, acting.now)) return false;
    needs_.erase(found);
    return true;
}

bool NaiveLedger::on(const pb::SealLines& action, const Acting& acting) {
    const auto name = name_of(action.contract());
    const auto contract = contracts_.find(name);
    if (!has_role(acting.account, pb::ROLE_SUPPLIER) || contract == contracts_.end()) return false;
    if (acting.now >= contract->second.bids_close ||
        !may_take(name, acting.account, pb::ROLE_SUPPLIER))
        return false;
    bids_[name + "\n" + acting.account] = {action.hash(), false, {}};
    sides_[{name, acting.account}] = pb::ROLE_SUPPLIER;
    return true;
}

bool NaiveLedger::on(const pb::RevealLines& action, const Acting& acting) {
    const auto name = name_of(action.contract());
    const auto contract = contracts_.find(name);
    if (contract == contracts_.end() || acting.now < contract->second.bids_close ||
        acting.now >= contract->second.reveal_ends)
        return false;
    const auto bid = bids_.find(name + "\n" + acting.account);
    if (bid == bids_.end() || bid->second.revealed) return false;
    pb::CommitmentLines sealed;
    *sealed.mutable_lines() = action.lines();
    const auto hash = seal_hash(ledger_id_, claim_from(bid->first), action.salt(), sealed);
    if (hash.text() != bid->second.hash || !admit(name, action.lines(), acting.now)) return false;
    bid->second.revealed = true;
    for (const auto& line : action.lines())
        bid->second.lines[static_cast<std::uint32_t>(bid->second.lines.size())] = {line, ""};
    return true;
}

bool NaiveLedger::on(const pb::WithdrawLines& action, const Acting& acting) {
    const auto name = name_of(action.contract());
    const auto bid = bids_.find(name + "\n" + acting.account);
    if (!open(name, acting.now) || bid == bids_.end()) return false;
    const auto before = bid->second.lines.size();
    const auto freed = std::erase_if(bid->second.lines,
                                     [](const auto& line) { return line.second.second.empty(); });
    if (before != 0 && freed == 0) return false;
    if (bid->second.lines.empty()) bids_.erase(bid);
    return true;
}

bool NaiveLedger::on(const pb::Award& action, const Acting& acting) {
    const auto name = name_of(action.contract());
    const auto claim = name + "\n" + action.supplier();
    const auto* contract = open(name, acting.now);
    if (!contract || responsible_for(name_of(action.contract())) != acting.account) return false;
    if (!has_role(action.supplier(), pb::ROLE_SUPPLIER) ||
        !may_take(name, action.supplier(), pb::ROLE_SUPPLIER))
        return false;
    if (action.standstill_ends() < acting.now + contract->standstill ||
        action.standstill_ends() >= contract->deadline)
        return false;
    NaiveAward made{
        claim, name, action.supplier(), pb::AWARD_STATUS_STANDSTILL, 0, action.standstill_ends(),
        {}};
    const auto add = [&](const pb::CommitmentLine& line, std::optional<std::uint32_t> revealed) {
        made.lines.push_back(
            {line, contract->unit_values.at(line.resource()), revealed, line.quantity(), 0});
    };
    const auto bid = bids_.find(claim);
    if (action.lines().empty()) {
        if (acting.now < contract->reveal_ends || bid == bids_.end() || !bid->second.revealed)
            return false;
        for (const auto number : action.revealed()) {
            const auto line = bid->second.lines.find(number);
            if (line == bid->second.lines.end() || !line->second.second.empty()) return false;
            if (!grant(name, line->second.first.project(), acting.now)) return false;
            add(line->second.first, number);
        }
    } else {
        if (acting.now < contract->bids_close || !acting.signers.contains(action.supplier()))
            return false;
        if (!admit(name, action.lines(), acting.now)) return false;
        for (const auto& line : action.lines()) add(line, std::nullopt);
    }
    Wide total = 0;
    for (const auto& line : made.lines) total += Wide{line.unit_value} * line.left;
    if (total + awarded_[name] + totals_[name][pb::POCKET_ISSUE] > contract->allocation)
        return false;
    made.value = static_cast<std::uint64_t>(total);
    for (const auto number : action.revealed()) bid->second.lines.at(number).second = acting.id;
    awarded_[name] += made.value;
    awarded_[claim] += made.value;
    sides_[{name, action.supplier()}] = pb::ROLE_SUPPLIER;
    awards_[acting.id] = std::move(made);
    return true;
}

bool NaiveLedger::on(const pb::CancelAward& action, const Acting& acting) {
    const auto found = awards_.find(action.award());
    if (found == awards_.end()) return false;
    auto& award = found->second;
    if (responsible_for(award.contract) != acting.account) return false;
    if (award.status != pb::AWARD_STATUS_STANDSTILL || acting.now >= award.standstill_ends)
        return false;
    award.status = pb::AWARD_STATUS_CANCELLED;
    awarded_[award.contract] -= award.value;
    awarded_[award.claim] -= award.value;
    for (const auto& line : award.lines)
        if (line.revealed) bids_.at(award.claim).lines.at(*line.revealed).second.clear();
    return true;
}

}  // namespace tallystick::model
