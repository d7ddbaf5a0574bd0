#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/redemptions and /v1/redemptions/{id}: redemptions with their lines.
namespace tallystick::node::api {

namespace {

Json whole_redemption(const Snapshot& snapshot, std::string_view id,
                      const pb::Redemption& redemption) {
    auto json = redemption_json(id, redemption);
    json["lines"] = Json::array();
    for (std::uint32_t number = 0; number < redemption.lines(); ++number)
        if (const auto line = snapshot.state().get(redemption_line_key(id, number)))
            json["lines"].push_back(redemption_line_json(id, number, *line));
    return json;
}

Response list(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto page = PageRequest::from(parameters);
    const auto contract = ContractFilter::from(parameters);
    const auto supplier = parameters.handle("supplier");
    const auto project = parameters.handle("project");
    const auto status = parameters.word(
        "status", {"requested", "accepted", "declined", "cancelled", "lapsed", "ended"}, "");
    const auto open = parameters.flag("open");
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        return page_of_leaves(
            node, snapshot, key_prefix(Kind::redemption, {}), page, Json::object(),
            [&](const ParsedKey& key, std::string_view,
                std::string_view value) -> std::optional<Json> {
                const auto redemption = decoded<pb::Redemption>(value);
                if (!contract.fits(redemption.claim().contract()) ||
                    (supplier && *supplier != redemption.claim().supplier()) ||
                    (project && *project != redemption.project()) ||
                    (!status.empty() && status != redemption_status_name(redemption.status())) ||
                    (open && *open != (redemption.open_lines() != 0)))
                    return std::nullopt;
                return whole_redemption(snapshot, key.parts[0], redemption);
            });
    });
}

Response show(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto id = parameters.id_at(0).str();
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        const auto redemption = snapshot.state().get(redemption_key(id));
        if (!redemption)
            return problem(Code::unknown_redemption,
                           "A redemption is named by the id of the envelope that asked for it.");
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["redemption"] = whole_redemption(snapshot, id, *redemption);
        return json_response(answer, Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_redemptions(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/redemptions",
                      at_once([&node](const Request& request) { return list(node, request); })});
    routes.push_back({Method::get, "/v1/redemptions/{}",
                      at_once([&node](const Request& request) { return show(node, request); })});
}

}  // namespace tallystick::node::api
