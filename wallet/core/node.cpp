#include "wallet/core/node.hpp"

#include <algorithm>
#include <thread>

#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

using namespace std::chrono_literals;

constexpr int attempts_max = 3;
constexpr auto deadline = 45s;  // above the 30 s that a node may wait for an outcome
constexpr std::string_view json_type = "application/json";
constexpr std::string_view protobuf_type = "application/x-protobuf";

std::string with_query(std::string path, const Query& query) {
    char separator = '?';
    for (const auto& [name, value] : query) {
        if (value.empty()) continue;
        path += separator + name + "=" + url_encoded(value);
        separator = '&';
    }
    return path;
}

/// A node's problem document as ours. A node may be hostile: its words are cleaned and cut.
Failure<Problem> problem_of(const HttpResponse& response) {
    const auto document = Json::parse(response.body, nullptr, false);
    const auto text = [&](const char* name) -> std::string {
        if (!document.is_object() || !document.contains(name) || !document[name].is_string())
            return "";
        return shown(document[name].get<std::string>().substr(0, 500));
    };
    auto code = text("code");
    const auto is_name = [](char c) {
        return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
    };
    if (code.empty() || !std::ranges::all_of(code, is_name)) code = "bad_answer";
    auto message = text("detail").empty() ? text("title") : text("detail");
    if (message.empty())
        message = "The node answered with status " + std::to_string(response.status) + ".";
    const bool away = response.status == 429 || response.status == 503;
    return problem(away ? Exit::no_node : Exit::failed, code, message);
}

Failure<Problem> bad_answer(const std::string& path) {
    return problem(
        Exit::failed, "bad_answer",
        "The node's answer to " + shown(path) + " cannot be understood. Is it a tallyd?");
}

/// Worth asking again: nobody there, busy, stopping, or not under a signed header yet.
bool is_passing(const HttpResponse& response) {
    if (response.status == 429 || response.status == 503 || response.status == 502) return true;
    return response.status == 409 && response.body.find("not_yet_provable") != std::string::npos;
}

/// One address, asked again where that is worth it.
Try<HttpResponse> ask_patiently(const Url& url, const HttpRequest& request) {
    for (int attempt = 1;; ++attempt) {
        auto response = send_request(url, request, deadline);
        if (attempt == attempts_max || (response && !is_passing(*response))) return response;
        std::chrono::milliseconds pause = attempt * 300ms;
        if (response && response->retry_after_seconds > 0)
            pause = std::chrono::seconds{std::min(response->retry_after_seconds, 10U)};
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace

std::string Node::name() const {
    const auto& url = urls_[current_];
    const bool is_v6 = url.host.find(':') != std::string::npos;
    return std::string{url.tls ? "https://" : "http://"} +
           (is_v6 ? "[" + url.host + "]" : url.host) + ":" + url.port + url.base;
}

Try<HttpResponse> Node::ask(const HttpRequest& request) const {
    for (std::size_t silent = 0;; ++silent) {
        auto response = ask_patiently(urls_[current_], request);
        if (response || silent + 1 == urls_.size()) return response;
        const auto before = name();
        current_ = (current_ + 1) % urls_.size();
        if (tell_) tell_(before + " does not answer. Asking " + name() + ".");
    }
}

Try<Json> Node::get(const std::string& path, const Query& query) const {
    const auto response = ask({"GET", with_query(path, query), std::string{json_type}, "", ""});
    if (!response) return Failure{response.error()};
    if (response->status != 200) return problem_of(*response);
    auto answer = Json::parse(response->body, nullptr, false);
    if (answer.is_discarded() || !answer.is_object()) return bad_answer(path);
    return answer;
}

Try<Json> Node::list(const std::string& path, Query query, std::size_t items_max) const {
    Json all;
    query.emplace_back("limit", std::to_string(std::min<std::size_t>(items_max, 1000)));
    query.emplace_back("cursor", "");
    while (true) {
        auto page = get(path, query);
        if (!page) return page;
        if (!page->contains("items") || !(*page)["items"].is_array()) return bad_answer(path);
        std::string next;
        if (page->contains("next") && (*page)["next"].is_string())
            next = (*page)["next"].get<std::string>();
        if (all.is_null()) {
            all = std::move(*page);
        } else {
            for (auto& item : (*page)["items"]) all["items"].push_back(std::move(item));
        }
        const bool enough = all["items"].size() >= items_max;
        // A cursor that does not move would keep us here for ever.
        if (next.empty() || enough || next == query.back().second) {
            all.erase("next");
            all["more"] = !next.empty();
            return all;
        }
        query.back().second = next;
    }
}

Try<std::string> Node::get_bytes(const std::string& path, const Query& query,
                                 const std::string& accept) const {
    const auto response = ask({"GET", with_query(path, query), accept, "", ""});
    if (!response) return Failure{response.error()};
    if (response->status != 200) return problem_of(*response);
    return response->body;
}

Try<pb::SubmitResponse> Node::submit(const std::vector<std::string>& envelopes) const {
    pb::SubmitRequest request;
    for (const auto& envelope : envelopes) request.add_envelopes(envelope);
    const auto response = ask({"POST", "/v1/envelopes?wait=20", std::string{protobuf_type},
                               std::string{protobuf_type}, request.SerializeAsString()});
    if (!response) return Failure{response.error()};
    if (response->status != 200) return problem_of(*response);
    pb::SubmitResponse answer;
    if (!answer.ParseFromString(response->body) ||
        answer.results_size() != request.envelopes_size()) {
        return bad_answer("/v1/envelopes");
    }
    return answer;
}

Try<Json> Node::dry_run(std::string_view kind, std::string_view bytes) const {
    const Json request{{std::string{kind}, base64(bytes)}};
    const auto response = ask(
        {"POST", "/v1/dry-run", std::string{json_type}, std::string{json_type}, request.dump()});
    if (!response) return Failure{response.error()};
    if (response->status != 200) return problem_of(*response);
    auto answer = Json::parse(response->body, nullptr, false);
    if (!answer.is_object() || !answer.contains("result") || !answer["result"].is_string())
        return bad_answer("/v1/dry-run");
    return answer;
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = (group << 8U) |
                    (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text.push_back(at + i <= bytes.size() ? digits[(group >> (18 - 6 * i)) & 63U] : '=');
    }
    return text;
}

}  // namespace tallystick::wallet
