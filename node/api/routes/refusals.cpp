#include "node/api/json.hpp"
#include "node/api/parameters.hpp"
#include "node/api/routes/routes.hpp"
#include "protocol/refusal.hpp"

/// GET /v1/refusals: what the ledger can answer, in words.
namespace tallystick::node::api {

namespace {

/// Above every number in use; the list is append-only.
constexpr std::uint32_t refusal_number_max = 1023;

Json named(std::uint32_t number, std::string_view name, std::string_view sentence) {
    Json json;
    json["number"] = number;
    json["name"] = name;
    json["sentence"] = sentence;
    return json;
}

Response refusals(const Request& request) {
    Parameters parameters{request};
    if (auto fault = parameters.fault()) return std::move(*fault);
    Json answer;
    answer["refusals"] = Json::array();
    for (std::uint32_t number = 1; number <= refusal_number_max; ++number)
        if (const auto refusal = refusal_from(number))
            answer["refusals"].push_back(
                named(number, refusal_name(*refusal), refusal_sentence(*refusal)));
    answer["skips"] = Json::array();
    for (const auto skip :
         {Skip::id_used, Skip::expired, Skip::too_distant, Skip::wrong_ledger, Skip::not_authorised,
          Skip::deadline_pending, Skip::refusal_limit, Skip::unknown_node, Skip::handed_over})
        answer["skips"].push_back(
            named(static_cast<std::uint32_t>(skip), skip_name(skip), skip_sentence(skip)));
    return json_response(answer, Caching::revalidate);
}

}  // namespace

void add_refusals(std::vector<Route>& routes) {
    routes.push_back({Method::get, "/v1/refusals", at_once(refusals)});
}

}  // namespace tallystick::node::api
