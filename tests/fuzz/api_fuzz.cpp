// Every request gets one answer in the form that the API promises, without sockets: targets,
// queries, headers and bodies as strangers send them. Input: method (one byte), then the target,
// Content-Type and Accept on a line each, then the body.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "fuzz/fuzz.hpp"
#include "fuzz/still_node.hpp"
#include "node/api/api.hpp"
#include "node/api/json.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/stream_filter.hpp"
#include "node/api/target.hpp"

using namespace tallystick;
using namespace tallystick::node::api;
using fuzz::check;

namespace {

fuzz::StillNode& still_node() {
    static fuzz::StillNode made;
    return made;
}

const Api& api() {
    static const Api made{public_routes(still_node())};
    return made;
}

std::string_view take_line(std::string_view& rest) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

bool is_code(const std::string& code) {
    return !code.empty() && std::ranges::all_of(code, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

void check_problem(const Response& response) {
    const auto problem = nlohmann::json::parse(response.body, nullptr, false);
    check(problem.is_object(), "a problem is a JSON object");
    check(problem.at("status") == response.status, "a problem repeats its status");
    const auto code = problem.at("code").get<std::string>();
    check(is_code(code), "a problem has a stable code");
    check(problem.at("type") == "urn:tallystick:problem:" + code,
          "a problem's type names its code");
    check(!problem.at("detail").get<std::string>().empty(), "a problem says what happened");
}

void check_answer(const Response& response) {
    check(response.status >= 200 && response.status < 600, "an answer has a status");
    check(response.status != 500, "no input makes a handler throw");
    if (response.status == 304) return;
    if (response.status >= 400) {
        check(response.content_type == content::problem || response.content_type == content::json ||
                  response.content_type == content::protobuf,
              "a failure is a problem, or what became of each envelope");
        if (response.content_type == content::problem) check_problem(response);
    }
    if (response.content_type == content::json)
        check(nlohmann::json::accept(response.body), "an answer in JSON is JSON");
}

/// The pieces that the routes are made of, on the same input.
void check_parts(std::string_view target, const std::string& accept, const std::string& body) {
    const auto split = split_target(target);
    if (const auto segments = path_segments(split.path)) {
        std::string joined;
        for (const auto segment : *segments) joined += '/' + std::string{segment};
        check(joined == split.path, "the segments of a path make up the path");
    }
    (void)parse_query(split.query);
    for (const auto type : {content::json, content::protobuf, content::receipt})
        if (names(accept, type)) check(accepts(accept, type), "a type that is named is accepted");
    if (const auto bytes = from_base64(body))
        check(to_base64(*bytes) == body, "base 64 has one form");
    if (const auto json = parse_json(body))
        check(nlohmann::json::accept(body), "what is parsed is JSON");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto rest = fuzz::text_of_input(data, size);
    fuzz::Choices first{rest.substr(0, 1)};
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
    Request request;
    const auto method = first.byte();
    request.method = method == 'G' ? Method::get : method == 'P' ? Method::post : Method::other;
    const std::string target{take_line(rest)};
    request.content_type = media_type(take_line(rest));
    request.accept = std::string{take_line(rest)};
    request.body = std::string{rest};
    request.id = "fuzz";
    check_parts(target, request.accept, request.body);

    if (split_target(target).path == "/v1/outcomes") {
        if (auto query = parse_query(split_target(target).query)) {
            request.query = std::move(*query);
            std::optional<Response> fault;
            const auto filter = stream_filter(request, fault);
            if (fault)
                check_answer(*fault);
            else
                (void)catch_up(still_node(), filter, filter.from.value_or(0), 3);
        }
        return 0;
    }
    check(api().body_bytes_max_of(request.method, target) > 0, "a body has a bound");
    int answers = 0;
    const auto late = api().handle(std::move(request), target, [&](Build build) {
        ++answers;
        check_answer(build());
    });
    check(answers == 1, "a request that waits for nothing is answered once");
    check_answer(late.build());
    return 0;
}
