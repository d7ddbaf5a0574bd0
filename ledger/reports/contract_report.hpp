#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/reports/figures.hpp"
#include "ledger/reports/leaf_source.hpp"

namespace tallystick::ledger {

/// What the supplier promised the project of a resource, for an outcome and in a ward, against what
/// became of it. A promise stands under the project that it named, a redemption under the project
/// that asked.
struct ReportRow {
    std::string supplier;
    std::string project;
    std::string resource;
    std::string outcome;
    std::string ward;
    Figures figures;
};

/// A contract's table of proposed against achieved, as of one height.
struct ContractReport {
    pb::ContractId id;
    std::shared_ptr<const pb::Contract> contract;
    pb::Totals totals;
    /// Ascending by supplier, project, resource, outcome, ward.
    std::vector<ReportRow> rows;
    /// Credits that projects gave back or let expire without having asked for anything: of no
    /// resource, outcome or ward, so in no row. Told by whose promise they were, and by who held
    /// them; both maps add up to the same.
    std::map<std::string, Figures> unspent_by_supplier;
    std::map<std::string, Figures> unspent_by_project;
};

/// By what a table is grouped.
enum class Dimension : std::uint8_t { supplier, project, resource, outcome, ward };

/// One group: its name (empty for unspent credits that belong to no group) and its figures; in
/// units only when grouped by resource, since an hour and a laptop do not add up.
struct ReportGroup {
    std::string name;
    Figures figures;
};

/// Nothing for a contract that was never opened. Walks all awards and redemptions of the ledger.
[[nodiscard]] std::optional<ContractReport> contract_report(const LeafSource& state,
                                                            const pb::ContractId& contract);

/// The report's rows and unspent credits added up by a dimension, ascending by name. Over all
/// groups, the credits of returned, and of expired with unconfirmed, are those of the contract's
/// totals.
[[nodiscard]] std::vector<ReportGroup> grouped_by(const ContractReport& report,
                                                  Dimension dimension);

/// Everything added up, in credits.
[[nodiscard]] Figures sum_of(const ContractReport& report);

}  // namespace tallystick::ledger
