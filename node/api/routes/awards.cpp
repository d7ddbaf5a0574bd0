#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/awards and /v1/awards/{id}: awards with their awarded lines.
namespace tallystick::node::api {

namespace {

/// The award with its lines; nothing if `project` is given and no line is for it.
std::optional<Json> whole_award(const Snapshot& snapshot, std::string_view id,
                                const pb::AwardRecord& award,
                                const std::optional<std::string>& project) {
    auto json = award_json(id, award);
    json["lines"] = Json::array();
    bool concerned = !project;
    for (std::uint32_t number = 0; number < award.lines(); ++number) {
        const auto line = snapshot.state().get(awarded_line_key(id, number));
        if (!line) continue;
        concerned = concerned || line->line().project() == *project;
        json["lines"].push_back(awarded_line_json(id, number, *line));
    }
    if (!concerned) return std::nullopt;
    return json;
}

Response list(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto page = PageRequest::from(parameters);
    const auto contract = ContractFilter::from(parameters);
    const auto supplier = parameters.handle("supplier");
    const auto project = parameters.handle("project");
    const auto status = parameters.word("status", {"standstill", "issued", "cancelled"}, "");
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        return page_of_leaves(
            node, snapshot, key_prefix(Kind::award, {}), page, Json::object(),
            [&](const ParsedKey& key, std::string_view,
                std::string_view value) -> std::optional<Json> {
                const auto award = decoded<pb::AwardRecord>(value);
                if (!contract.fits(award.claim().contract()) ||
                    (supplier && *supplier != award.claim().supplier()) ||
                    (!status.empty() && status != award_status_name(award.status())))
                    return std::nullopt;
                return whole_award(snapshot, key.parts[0], award, project);
            });
    });
}

Response show(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto id = parameters.id_at(0).str();
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) {
        const auto award = snapshot.state().get(award_key(id));
        if (!award)
            return problem(Code::unknown_award,
                           "An award is named by the id of the envelope that made it.");
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["award"] = *whole_award(snapshot, id, *award, std::nullopt);
        return json_response(answer, Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_awards(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/awards",
                      at_once([&node](const Request& request) { return list(node, request); })});
    routes.push_back({Method::get, "/v1/awards/{}",
                      at_once([&node](const Request& request) { return show(node, request); })});
}

}  // namespace tallystick::node::api
