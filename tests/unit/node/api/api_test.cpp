#include "node/api/api.hpp"

#include <stdexcept>

#include "node/api/problem.hpp"
#include "unit/catch.hpp"
#include "unit/node/api/fake_node.hpp"

using namespace tallystick;
using namespace tallystick::node;
using namespace tallystick::node::api;

namespace {

Route saying(std::string_view pattern, Caching caching = Caching::never) {
    return {Method::get, pattern, at_once([caching](const Request& request) {
                Json json;
                json["captures"] = request.captures;
                json["query"] = request.query;
                return json_response(json, caching);
            })};
}

}  // namespace

TEST_CASE("a route takes its captures decoded, and an encoded slash does not separate", "[api]") {
    const Api api{
        {saying("/v1/things"), saying("/v1/things/{}"), saying("/v1/things/{}/parts/{}")}};
    CHECK(json_in(get(api, "/v1/things"))["captures"].empty());
    CHECK(json_in(get(api, "/v1/things/a%2Fb"))["captures"] == Json{"a/b"});
    CHECK(json_in(get(api, "/v1/things/a+b/parts/%20"))["captures"] == Json{"a+b", " "});
    CHECK(json_in(get(api, "/v1/things?x=1+2&y=%2B"))["query"] ==
          Json::parse(R"([["x","1 2"],["y","+"]])"));
}

TEST_CASE("what is not there, or not so, is a problem with a code", "[api]") {
    auto routes = std::vector{saying("/v1/things"), saying("/v1/broken")};
    routes[1].handler = at_once([](const Request&) -> Response { throw std::runtime_error{"x"}; });
    routes.push_back({Method::post, "/v1/things", routes[0].handler});
    routes.push_back({Method::get, "/v1/early",
                      [](Request, const Reply&) -> Late { throw std::runtime_error{"y"}; }});
    routes.push_back({Method::get, "/v1/never", [](Request, const Reply&) { return Late{}; }});
    const Api api{std::move(routes)};

    CHECK(code_in(get(api, "/v1/other")) == "unknown_route");
    CHECK(code_in(get(api, "v1/things")) == "unknown_route");
    CHECK(code_in(get(api, "/v1/things/")) == "unknown_route");
    CHECK(code_in(get(api, "/v1/broken")) == "internal_error");
    CHECK(code_in(get(api, "/v1/early")) == "internal_error");
    CHECK(code_in(get(api, "/v1/never")) == "stopping");
    CHECK(code_in(get(api, "/v1/things?a=%zz")) == "bad_request");
    Request other;
    other.method = Method::other;
    const auto refused = answer_to(api, other, "/v1/things");
    CHECK(refused.status == 405);
    CHECK(refused.allow == "GET, HEAD, POST");
    other.id = "r-1";
    CHECK(json_in(answer_to(api, other, "/v1/other"))["request_id"] == "r-1");
}

TEST_CASE("an answer that the client has is not sent again", "[api]") {
    const Api api{{saying("/v1/fresh", Caching::revalidate), saying("/v1/not")}};
    const auto first = get(api, "/v1/fresh");
    REQUIRE(first.etag.size() == 34);
    Request again;
    again.if_none_match = first.etag;
    const auto second = answer_to(api, again, "/v1/fresh");
    CHECK(second.status == 304);
    CHECK(second.body.empty());
    CHECK(answer_to(api, again, "/v1/fresh?x=1").status == 200);
    CHECK(get(api, "/v1/not").etag.empty());
}

TEST_CASE("each route has its own bound for bodies", "[api]") {
    auto routes = std::vector{saying("/v1/things")};
    routes.push_back({Method::post, "/v1/things", routes[0].handler, 9});
    const Api api{std::move(routes)};
    CHECK(api.body_bytes_max_of(Method::post, "/v1/things?x") == 9);
    CHECK(api.body_bytes_max_of(Method::get, "/v1/things") == body_bytes_max);
    CHECK(api.body_bytes_max_of(Method::post, "/v1/nothing") == body_bytes_max);
}

TEST_CASE("every code has a name, a status and a title of its own", "[api]") {
    std::set<std::string> names;
    for (int i = 0; i <= static_cast<int>(Code::internal_error); ++i) {
        const auto code = static_cast<Code>(i);
        const auto response = problem(code, "d");
        CHECK(names.insert(std::string{code_name(code)}).second);
        CHECK(response.status == status_of(code));
        CHECK(json_in(response)["type"] ==
              "urn:tallystick:problem:" + std::string{code_name(code)});
        const bool later =
            response.status == 429 || response.status == 503 || code == Code::not_yet_provable;
        CHECK(response.retry_after_seconds.has_value() == later);
    }
    CHECK(code_in(problem_of(ReadError::not_found, Code::unknown_award, "")) == "unknown_award");
    CHECK(code_in(problem_of(ReadError::damaged, Code::unknown_award, "")) == "damaged_record");
    CHECK(code_in(problem_of(ReadError::unavailable, Code::unknown_award, "")) == "stopping");
    CHECK(code_in(problem_of(ReadError::not_provable_yet, Code::unknown_award, "")) ==
          "not_yet_provable");
}
