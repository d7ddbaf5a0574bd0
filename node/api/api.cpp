#include "node/api/api.hpp"

#include <exception>
#include <memory>

#include "node/api/problem.hpp"
#include "node/api/target.hpp"
#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::node::api {

namespace {

std::string_view method_name(Method method) {
    switch (method) {
        case Method::get: return "GET, HEAD";
        case Method::post: return "POST";
        case Method::other: return "";
    }
    return "";
}

/// Tags the answer with its content's hash, and leaves the body out when the client has it.
void finish_caching(const Request& request, Response& response) {
    if (response.caching == Caching::never || response.status != 200) return;
    const auto hash = sha256(response.body);
    response.etag = '"' + to_hex(hash.view().first(16)) + '"';
    if (request.if_none_match.find(response.etag) == std::string::npos) return;
    response.status = 304;
    response.body.clear();
}

}  // namespace

Api::Api(std::vector<Route> routes) : routes_(std::move(routes)) {
    for (const auto& route : routes_) {
        auto segments = path_segments(route.pattern);
        ensure(segments.has_value(), "a route's pattern begins with /");
        patterns_.push_back(std::move(*segments));
    }
}

Api::Match Api::find(Method method, std::string_view path) const {
    const auto segments = path_segments(path);
    Match match;
    if (!segments) return match;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        const auto& pattern = patterns_[i];
        if (pattern.size() != segments->size()) continue;
        std::vector<std::string_view> captures;
        bool fits = true;
        for (std::size_t s = 0; s < pattern.size() && fits; ++s) {
            if (pattern[s] == "{}")
                captures.push_back((*segments)[s]);
            else
                fits = pattern[s] == (*segments)[s];
        }
        if (!fits) continue;
        if (routes_[i].method == method) return {&routes_[i], std::move(captures), {}};
        match.allow +=
            (match.allow.empty() ? "" : ", ") + std::string{method_name(routes_[i].method)};
    }
    return match;
}

std::size_t Api::body_bytes_max_of(Method method, std::string_view target) const {
    const auto match = find(method, split_target(target).path);
    return match.route == nullptr ? body_bytes_max : match.route->body_max;
}

Late Api::handle(Request request, std::string_view target, const Reply& reply) const {
    const auto split = split_target(target);
    request.path = std::string{split.path};
    const auto match = find(request.method, split.path);

    // What is left of the request when the answer comes: its body has gone to the handler.
    auto about = std::make_shared<Request>();
    about->if_none_match = request.if_none_match;
    about->id = request.id;
    const auto finished = [about](const Build& build) {
        Response response;
        try {
            response = build
                           ? build()
                           : problem(Code::stopping, "The node did not answer in time. Ask again.");
        } catch (const std::exception& error) {
            // A library's exception (out of memory, a wrong type) must not end the node.
            response = problem(Code::internal_error, error.what());
        }
        finish_caching(*about, response);
        name_request(response, about->id);
        return response;
    };
    const Reply finish = [finished, reply](Build build) {
        reply([finished, build = std::move(build)] { return finished(build); });
    };

    Late late;
    try {
        late = run(match, std::move(request), split.query, finish);
    } catch (const std::exception& error) {
        finish([what = std::string{error.what()}] { return problem(Code::internal_error, what); });
    }
    late.build = [finished, build = std::move(late.build)] { return finished(build); };
    return late;
}

Late Api::run(const Match& match, Request request, std::string_view query_text,
              const Reply& reply) const {
    const auto refuse = [&reply](Response response) {
        reply([response = std::move(response)] { return response; });
        return Late{};
    };
    if (match.route == nullptr && match.allow.empty())
        return refuse(problem(Code::unknown_route,
                              "This node has nothing at that address; protocol/openapi.yaml lists "
                              "what there is."));
    if (match.route == nullptr) {
        auto response = problem(Code::method_not_allowed, "It takes " + match.allow + ".");
        response.allow = match.allow;
        return refuse(std::move(response));
    }
    for (const auto capture : match.captures) {
        auto decoded = percent_decode(capture, false);
        if (!decoded)
            return refuse(problem(Code::bad_request, "The address holds a broken % escape."));
        request.captures.push_back(std::move(*decoded));
    }
    auto query = parse_query(query_text);
    if (!query)
        return refuse(problem(Code::bad_request,
                              "The query holds a broken % escape, or too many parameters."));
    request.query = std::move(*query);
    return match.route->handler(std::move(request), reply);
}

Handler at_once(std::function<Response(const Request&)> answer) {
    return [answer = std::move(answer)](Request request, const Reply& reply) {
        reply([&answer, request = std::move(request)] { return answer(request); });
        return Late{};
    };
}

}  // namespace tallystick::node::api
