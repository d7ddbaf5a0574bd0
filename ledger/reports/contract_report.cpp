#include "ledger/reports/contract_report.hpp"

#include <tuple>

#include "ledger/awarded_lines.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

bool same(const pb::ContractId& a, const pb::ContractId& b) {
    return a.ocid() == b.ocid() && a.authority() == b.authority() && a.lot() == b.lot();
}

/// Rows while they are gathered.
class Table {
  public:
    Figures& row(const std::string& supplier, const std::string& project,
                 const std::string& resource, const std::string& outcome, const std::string& ward) {
        return rows_[{supplier, project, resource, outcome, ward}];
    }

    [[nodiscard]] std::vector<ReportRow> take() const {
        std::vector<ReportRow> made;
        made.reserve(rows_.size());
        for (const auto& [name, figures] : rows_) {
            const auto& [supplier, project, resource, outcome, ward] = name;
            made.push_back({supplier, project, resource, outcome, ward, figures});
        }
        return made;
    }

  private:
    using Name = std::tuple<std::string, std::string, std::string, std::string, std::string>;
    std::map<Name, Figures> rows_;
};

void add_award(Table& table, const StateView& state, std::string_view id,
               const pb::AwardRecord& award) {
    if (award.status() == pb::AWARD_STATUS_CANCELLED) return;
    const auto& supplier = award.claim().supplier();
    const bool issued = award.status() == pb::AWARD_STATUS_ISSUED;
    // What is left of its lines is what the supplier has available, until that expires at once.
    const bool expired =
        issued && state.get_or_default(balance_key(supplier, award.claim())).available() == 0;
    for (std::uint32_t number = 0; number < award.lines(); ++number) {
        const auto line = state.get(awarded_line_key(id, number));
        ensure(line != nullptr, "an award has all its lines");
        const auto& of = line->line();
        add_awarded_line(table.row(supplier, of.project(), of.resource(), of.outcome(), of.ward()),
                         *line, issued, expired);
    }
}

void add_redemption(Table& table, const StateView& state, std::string_view id,
                    const pb::Redemption& redemption) {
    for (std::uint32_t number = 0; number < redemption.lines(); ++number) {
        const auto line = state.get(redemption_line_key(id, number));
        ensure(line != nullptr, "a redemption has all its lines");
        add_redemption_line(table.row(redemption.claim().supplier(), redemption.project(),
                                      line->resource(), line->outcome(), line->ward()),
                            *line);
    }
}

/// Calls `add(id, record)` for each record of a kind that is under the contract.
template <class Record, class Add>
void for_each_record(const LeafSource& state, Kind kind, const pb::ContractId& contract, Add add) {
    state.for_each(prefix_of(kind), [&](std::string_view key, const ValuePtr& value) {
        const auto record = std::static_pointer_cast<const Record>(value);
        if (!same(record->claim().contract(), contract)) return true;
        const auto parsed = parse_key(key);
        ensure(parsed.has_value(), "a state holds well-formed keys");
        add(parsed->parts[0], *record);
        return true;
    });
}

/// What a claim's totals hold beyond its rows.
void add_unspent_of_suppliers(ContractReport& report, const StateView& state) {
    std::map<std::string, Figures> in_rows;
    for (const auto& row : report.rows) in_rows[row.supplier] += row.figures;
    for (const auto& [supplier, figures] : in_rows) {
        pb::Claim claim;
        *claim.mutable_contract() = report.id;
        claim.set_supplier(supplier);
        const auto totals = state.get_or_default(claim_totals_key(claim));
        Figures unspent;
        unspent.returned.hundredths = totals.returned() - figures.returned.hundredths;
        unspent.expired.hundredths =
            totals.expired() - figures.expired.hundredths - figures.unconfirmed.hundredths;
        if (unspent != Figures{}) report.unspent_by_supplier[supplier] = unspent;
    }
}

/// What each project's participant record counts.
void add_unspent_of_projects(ContractReport& report, const LeafSource& state) {
    // A participant's key is its contract's key under another kind, and the account.
    auto prefix = contract_key(report.id).bytes;
    prefix[0] = static_cast<char>(Kind::participant);
    state.for_each(prefix, [&](std::string_view key, const ValuePtr& value) {
        const auto participant = std::static_pointer_cast<const pb::Participant>(value);
        if (participant->role() != pb::ROLE_PROJECT) return true;
        Figures unspent;
        unspent.returned.hundredths = participant->returned();
        unspent.expired.hundredths = participant->expired();
        if (unspent == Figures{}) return true;
        const auto parsed = parse_key(key);
        ensure(parsed.has_value(), "a state holds well-formed keys");
        report.unspent_by_project[parsed->parts[3]] = unspent;
        return true;
    });
}

const std::string& name_of(const ReportRow& row, Dimension dimension) {
    switch (dimension) {
        case Dimension::supplier: return row.supplier;
        case Dimension::project: return row.project;
        case Dimension::resource: return row.resource;
        case Dimension::outcome: return row.outcome;
        case Dimension::ward: return row.ward;
    }
    stop_on_bug("a table is grouped by a dimension");
}

}  // namespace

std::optional<ContractReport> contract_report(const LeafSource& state,
                                              const pb::ContractId& contract) {
    ContractReport report;
    report.id = contract;
    report.contract = state.get(contract_key(contract));
    if (!report.contract) return std::nullopt;
    report.totals = state.get_or_default(contract_totals_key(contract));

    Table table;
    for_each_record<pb::AwardRecord>(state, Kind::award, contract,
                                     [&](std::string_view id, const pb::AwardRecord& award) {
                                         add_award(table, state, id, award);
                                     });
    for_each_record<pb::Redemption>(state, Kind::redemption, contract,
                                    [&](std::string_view id, const pb::Redemption& redemption) {
                                        add_redemption(table, state, id, redemption);
                                    });
    report.rows = table.take();
    add_unspent_of_suppliers(report, state);
    add_unspent_of_projects(report, state);
    return report;
}

std::vector<ReportGroup> grouped_by(const ContractReport& report, Dimension dimension) {
    std::map<std::string, Figures> groups;
    for (const auto& row : report.rows) groups[name_of(row, dimension)] += row.figures;
    if (dimension == Dimension::supplier)
        for (const auto& [name, figures] : report.unspent_by_supplier) groups[name] += figures;
    else
        for (const auto& [name, figures] : report.unspent_by_project)
            groups[dimension == Dimension::project ? name : std::string{}] += figures;

    std::vector<ReportGroup> made;
    made.reserve(groups.size());
    for (auto& [name, figures] : groups)
        made.push_back({name, dimension == Dimension::resource ? figures : without_units(figures)});
    return made;
}

Figures sum_of(const ContractReport& report) {
    Figures sum;
    for (const auto& row : report.rows) sum += row.figures;
    for (const auto& [name, figures] : report.unspent_by_supplier) sum += figures;
    return without_units(sum);
}

}  // namespace tallystick::ledger
