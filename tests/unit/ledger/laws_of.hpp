#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "ledger/draft.hpp"
#include "protocol/keys.hpp"

/// The laws from first principles: sums over all leaves in plain maps. Shares no code with
/// ledger/laws, with movements or with cells, so that a mistake there does not excuse itself here.
namespace tallystick::ledger::test {

/// Every law that the leaves break, in words; empty when all hold.
class LawsOf {
  public:
    template <class Leaves>
    explicit LawsOf(const Leaves& leaves) {
        for (const auto& [key, value] : leaves) take(*parse_key(key), value);
        judge_redemptions();
        judge_awards();
        judge_claims();
        judge_contracts();
    }

    [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }

  private:
    using Claim = std::tuple<std::string, std::string, std::string, std::string>;
    using Contract = std::tuple<std::string, std::string, std::string>;

    /// A claim's credits, each pocket added up.
    struct Sums {
        std::uint64_t awarded = 0, issued = 0, available = 0, reserved = 0, disputed = 0,
                      confirmed = 0, retired = 0, expired = 0, returned = 0;
        friend bool operator==(const Sums&, const Sums&) = default;
        Sums& operator+=(const Sums& o) {
            awarded += o.awarded, issued += o.issued, available += o.available;
            reserved += o.reserved, disputed += o.disputed, confirmed += o.confirmed;
            retired += o.retired, expired += o.expired, returned += o.returned;
            return *this;
        }
    };
    struct Units {
        std::uint64_t awarded = 0, accepted = 0;
        friend bool operator==(const Units&, const Units&) = default;
    };

    static Claim claim_of(const pb::Claim& claim) {
        const auto& id = claim.contract();
        return {id.authority(), id.ocid(), id.lot(), claim.supplier()};
    }
    static Contract contract_of(const Claim& claim) {
        return {std::get<0>(claim), std::get<1>(claim), std::get<2>(claim)};
    }
    static Sums sums_of(const pb::Totals& t) {
        return {t.awarded(),   t.issued(),  t.available(), t.reserved(), t.disputed(),
                t.confirmed(), t.retired(), t.expired(),   t.returned()};
    }

    void expect(bool holds, const std::string& law) {
        if (!holds) broken_.push_back(law);
    }

    template <class Value>
    static const Value& as(const ValuePtr& value) {
        return static_cast<const Value&>(*value);
    }

    void take(const ParsedKey& key, const ValuePtr& value) {
        const auto& p = key.parts;
        if (key.kind == Kind::contract)
            contracts_[{p[0], p[1], p[2]}] = as<pb::Contract>(value);
        else if (key.kind == Kind::contract_totals)
            contract_totals_[{p[0], p[1], p[2]}] = sums_of(as<pb::Totals>(value));
        else if (key.kind == Kind::claim_totals)
            claim_totals_[{p[0], p[1], p[2], p[3]}] = sums_of(as<pb::Totals>(value));
        else if (key.kind == Kind::participant)
            participants_[{p[0], p[1], p[2], p[3]}] = as<pb::Participant>(value);
        else if (key.kind == Kind::award)
            awards_[p[0]] = as<pb::AwardRecord>(value);
        else if (key.kind == Kind::awarded_line)
            awarded_lines_[p[0]].push_back(as<pb::AwardedLine>(value));
        else if (key.kind == Kind::balance)
            balances_[{p[0], {p[1], p[2], p[3], p[4]}}] = as<pb::Balance>(value);
        else if (key.kind == Kind::promise)
            promises_[{{p[0], p[1], p[2], p[3]}, p[4]}] = as<pb::Promise>(value);
        else if (key.kind == Kind::redemption)
            redemptions_[p[0]] = as<pb::Redemption>(value);
        else if (key.kind == Kind::redemption_line)
            redemption_lines_[p[0]].push_back(as<pb::RedemptionLine>(value));
    }

    void judge_redemptions() {
        for (const auto& [id, redemption] : redemptions_) {
            const auto claim = claim_of(redemption.claim());
            auto& sums = by_cells_[{redemption.project(), claim}];
            std::uint32_t open = 0;
            for (const auto& line : redemption_lines_[id]) {
                const auto& c = line.cells();
                const auto u = line.unit_value();
                const auto undecided = c.outstanding() + c.delivered() + c.disputed_delivered() +
                                       c.disputed_confirmed() + c.confirmed();
                expect(undecided + c.retired() + c.released() + c.expired() == line.requested(),
                       "the cells of a line sum to what was requested");
                expect(line.lapsed() + line.declined() + line.cancelled() <= c.released(),
                       "no more was released for a cause than was released");
                expect(line.unconfirmed() <= c.expired(), "unconfirmed units have expired");
                expect((line.delivered_since() != 0) == (c.delivered() != 0) &&
                           (line.confirmed_since() != 0) == (c.confirmed() != 0) &&
                           (line.disputed_since() != 0) ==
                               (c.disputed_delivered() + c.disputed_confirmed() != 0),
                       "units that wait have waited since a time");
                open += undecided != 0 ? 1 : 0;
                sums.reserved += (c.outstanding() + c.delivered()) * u;
                sums.disputed += (c.disputed_delivered() + c.disputed_confirmed()) * u;
                sums.confirmed += c.confirmed() * u;
                sums.retired += c.retired() * u;
                if (redemption.agreed_date() != 0)
                    units_[{claim, line.resource()}].accepted += line.requested() - c.released();
            }
            expect(redemption_lines_[id].size() == redemption.lines(), "all lines are there");
            expect(open == redemption.open_lines(), "open lines are counted");
            const bool live = redemption.status() == pb::REDEMPTION_STATUS_REQUESTED ||
                              redemption.status() == pb::REDEMPTION_STATUS_ACCEPTED;
            expect(live == (open != 0), "a redemption ends when nothing of it is open");
        }
        for (const auto& [holder, sums] : by_cells_) {
            const auto balance = balances_.contains(holder) ? balances_.at(holder) : pb::Balance{};
            expect(balance.reserved() == sums.reserved && balance.disputed() == sums.disputed &&
                       balance.confirmed() == sums.confirmed,
                   "what is reserved, disputed and confirmed is what the cells are worth: " +
                       holder.first);
            by_claim_[holder.second].retired += sums.retired;
        }
    }

    void judge_awards() {
        for (const auto& [id, award] : awards_) {
            const auto claim = claim_of(award.claim());
            std::uint64_t value = 0;
            for (const auto& line : awarded_lines_[id]) {
                const auto quantity = line.line().quantity();
                const auto gone = line.transferred() + line.passed_on() + line.returned();
                value += quantity * line.unit_value();
                expect(gone <= quantity, "no more units leave an awarded line than it has");
                expect(line.pass_on_at() == 0 || gone < quantity,
                       "only a line with units left is passed on");
                if (award.status() != pb::AWARD_STATUS_ISSUED) continue;
                with_suppliers_[claim] += (quantity - gone) * line.unit_value();
                units_[{claim, line.line().resource()}].awarded += quantity - line.returned();
            }
            expect(value == award.value(), "an award is worth its lines");
            if (award.status() == pb::AWARD_STATUS_STANDSTILL) by_claim_[claim].awarded += value;
            if (award.status() == pb::AWARD_STATUS_ISSUED) by_claim_[claim].issued += value;
        }
        for (const auto& [what, promise] : promises_)
            expect(Units{promise.awarded(), promise.accepted()} == units_[what],
                   "a promise is what was issued and accepted of a resource");
    }

    void judge_claims() {
        for (const auto& [holder, balance] : balances_) {
            const auto& [account, claim] = holder;
            auto& sums = by_claim_[claim];
            sums.available += balance.available();
            sums.reserved += balance.reserved();
            sums.disputed += balance.disputed();
            sums.confirmed += balance.confirmed();
            expect(balance.available() + balance.reserved() + balance.disputed() +
                           balance.confirmed() !=
                       0,
                   "an empty balance is deleted");
            const auto& supplier = std::get<3>(claim);
            const auto side = participants_.find(
                {std::get<0>(claim), std::get<1>(claim), std::get<2>(claim), account});
            expect(side != participants_.end() &&
                       side->second.role() ==
                           (account == supplier ? pb::ROLE_SUPPLIER : pb::ROLE_PROJECT),
                   "credits are with their supplier or with projects: " + account);
        }
        for (const auto& [claim, left] : with_suppliers_) {
            const auto found = balances_.find({std::get<3>(claim), claim});
            const auto available = found == balances_.end() ? 0 : found->second.available();
            expect(available == left || available == 0,
                   "a supplier has available what is left of its lines, until it expires");
        }
        for (auto& [claim, sums] : by_claim_) {
            const auto& totals = claim_totals_[claim];
            // Nothing but the totals says what was returned and expired: the identity decides.
            sums.returned = totals.returned;
            sums.expired = totals.expired;
            expect(sums == totals, "a claim's totals are the sums of its balances and lines");
            expect(totals.issued == totals.available + totals.reserved + totals.disputed +
                                        totals.confirmed + totals.retired + totals.expired +
                                        totals.returned,
                   "what was issued is somewhere");
            by_contract_[contract_of(claim)] += totals;
        }
    }

    void judge_contracts() {
        for (const auto& [id, contract] : contracts_) {
            const auto& totals = contract_totals_[id];
            expect(totals == by_contract_[id], "a contract's totals are those of its claims");
            expect(totals.issued + totals.awarded <= contract.allocation(),
                   "no more is issued or awarded than allotted");
            expect(contract.closed_at() == 0 ||
                       totals.available + totals.reserved + totals.disputed + totals.confirmed == 0,
                   "a closed contract has no credits left");
        }
    }

    std::map<Contract, pb::Contract> contracts_;
    std::map<Contract, Sums> contract_totals_;
    std::map<Contract, Sums> by_contract_;
    std::map<Claim, Sums> claim_totals_;
    std::map<Claim, Sums> by_claim_;
    std::map<Claim, pb::Participant> participants_;
    std::map<Claim, std::uint64_t> with_suppliers_;
    std::map<std::pair<std::string, Claim>, pb::Balance> balances_;
    std::map<std::pair<std::string, Claim>, Sums> by_cells_;
    std::map<std::pair<Claim, std::string>, pb::Promise> promises_;
    std::map<std::pair<Claim, std::string>, Units> units_;
    std::map<std::string, pb::AwardRecord> awards_;
    std::map<std::string, std::vector<pb::AwardedLine>> awarded_lines_;
    std::map<std::string, pb::Redemption> redemptions_;
    std::map<std::string, std::vector<pb::RedemptionLine>> redemption_lines_;
    std::vector<std::string> broken_;
};

}  // namespace tallystick::ledger::test
