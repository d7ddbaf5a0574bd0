#include "ledger/reports/contract_report.hpp"

#include "node/api/json_of.hpp"
#include "node/api/leaves.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/contracts/{authority}/{ocid}/report: proposed against achieved.
namespace tallystick::node::api {

namespace {

using ledger::Figures;
using ledger::Quantity;

enum class Count : std::uint8_t { units, hundredths };

Json figures_json(const Figures& figures, Count count) {
    const auto text = [count](const Quantity& quantity) {
        return std::to_string(count == Count::units ? quantity.units : quantity.hundredths);
    };
    Json json;
    json["promised"] = text(figures.promised);
    json["due"] = text(figures.due);
    json["issued"] = text(figures.issued);
    json["transferred"] = text(figures.transferred);
    json["requested"] = text(figures.requested);
    json["delivered"] = text(figures.delivered);
    json["confirmed"] = text(figures.confirmed);
    json["verified"] = text(figures.verified);
    json["disputed"] = text(figures.disputed);
    json["declined"] = text(figures.declined);
    json["lapsed"] = text(figures.lapsed);
    json["cancelled"] = text(figures.cancelled);
    json["broken"] = text(figures.broken);
    json["returned"] = text(figures.returned);
    json["expired"] = text(figures.expired);
    json["unconfirmed"] = text(figures.unconfirmed);
    return json;
}

std::string unit_of(const pb::Contract& contract, const std::string& resource) {
    for (const auto& priced : contract.prices())
        if (priced.price().resource() == resource) return unit_name(priced.price().unit());
    return {};
}

/// Every promise and request by itself.
Json line_rows(const ledger::ContractReport& report) {
    Json rows = Json::array();
    for (const auto& row : report.rows) {
        Json json;
        json["supplier"] = row.supplier;
        json["project"] = row.project;
        json["resource"] = row.resource;
        json["unit"] = unit_of(*report.contract, row.resource);
        json["outcome"] = row.outcome;
        json["ward"] = row.ward;
        json["units"] = figures_json(row.figures, Count::units);
        json["credits"] = figures_json(row.figures, Count::hundredths);
        rows.push_back(std::move(json));
    }
    return rows;
}

Json grouped_rows(const ledger::ContractReport& report, const std::string& by) {
    auto dimension = ledger::Dimension::resource;
    if (by == "supplier") dimension = ledger::Dimension::supplier;
    if (by == "project") dimension = ledger::Dimension::project;
    if (by == "outcome") dimension = ledger::Dimension::outcome;
    if (by == "ward") dimension = ledger::Dimension::ward;
    Json rows = Json::array();
    for (const auto& group : ledger::grouped_by(report, dimension)) {
        Json json;
        // Credits that were never asked for belong to no resource, outcome or ward.
        if (!group.name.empty()) {
            json[by] = group.name;
            if (by == "resource") {
                json["unit"] = unit_of(*report.contract, group.name);
                json["units"] = figures_json(group.figures, Count::units);
            }
        }
        json["credits"] = figures_json(group.figures, Count::hundredths);
        rows.push_back(std::move(json));
    }
    return rows;
}

Response report(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto id = contract_at(parameters);
    const auto by = parameters.word(
        "by", {"resource", "supplier", "project", "outcome", "ward", "line"}, "resource");
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        const SnapshotLeaves leaves{snapshot};
        const auto found = ledger::contract_report(leaves, id);
        if (!found) return unknown_contract(id, snapshot);
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["contract"] = json_of(id);
        answer["by"] = by;
        answer["rows"] = by == "line" ? line_rows(*found) : grouped_rows(*found, by);
        answer["total"] = figures_json(ledger::sum_of(*found), Count::hundredths);
        return json_response(answer, Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_contract_report(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/contracts/{}/{}/report",
                      at_once([&node](const Request& request) { return report(node, request); })});
}

}  // namespace tallystick::node::api
