#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <memory>

#include "node/api/json_of.hpp"
#include "node/api/parameters.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/target.hpp"
#include "node/log.hpp"
#include "protocol/envelope.hpp"

/// POST /v1/envelopes: many signed envelopes in, what became of each out.
namespace tallystick::node::api {

namespace {

constexpr int envelopes_max = 4096;

struct Submitted {
    std::vector<std::string> envelopes;
    std::optional<Response> fault;
};

Submitted failed(Code code, std::string_view detail) {
    return {{}, problem(code, detail)};
}

Submitted from_protobuf(const std::string& body) {
    pb::SubmitRequest request;
    if (!request.ParseFromString(body))
        return failed(Code::bad_request, "The body is no tallystick.v1.SubmitRequest.");
    if (request.envelopes_size() > envelopes_max)
        return failed(Code::too_many_envelopes, "At most 4,096 envelopes in one request.");
    // Each envelope was copied once, out of the body; from here on its bytes only move.
    Submitted submitted;
    submitted.envelopes.reserve(static_cast<std::size_t>(request.envelopes_size()));
    for (auto& envelope : *request.mutable_envelopes())
        submitted.envelopes.push_back(std::move(envelope));
    return submitted;
}

Submitted from_json(const std::string& body) {
    const auto json = parse_json(body);
    if (!json && json.error() == JsonFault::too_deep)
        return failed(Code::too_deep, "At most 16 levels of arrays and objects.");
    if (!json) return failed(Code::bad_request, "The body is no JSON.");
    if (!json->is_object() || json->size() != 1 || !json->contains("envelopes") ||
        !(*json)["envelopes"].is_array())
        return failed(Code::bad_request,
                      R"(The body must be {"envelopes": ["BASE64", ...]} and nothing else.)");
    const auto& list = (*json)["envelopes"];
    if (list.size() > envelopes_max)
        return failed(Code::too_many_envelopes, "At most 4,096 envelopes in one request.");
    Submitted submitted;
    for (const auto& item : list) {
        auto bytes =
            item.is_string() ? from_base64(item.get_ref<const std::string&>()) : std::nullopt;
        if (!bytes)
            return failed(Code::bad_request, "Envelope " +
                                                 std::to_string(submitted.envelopes.size()) +
                                                 " (counted from 0) is no base 64.");
        submitted.envelopes.push_back(std::move(*bytes));
    }
    return submitted;
}

/// The id of what may be an envelope, without decoding it: the first field is its body.
std::string id_of(const std::string& bytes) {
    google::protobuf::io::CodedInputStream stream{
        reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size())};
    std::uint32_t length = 0;
    if (stream.ReadTag() != 10 || !stream.ReadVarint32(&length)) return {};
    const auto at = static_cast<std::size_t>(stream.CurrentPosition());
    if (length > bytes.size() - at) return {};
    return envelope_id(std::string_view{bytes}.substr(at, length)).str();
}

struct ResultForm {
    pb::SubmitState state;
    std::string_view name;
    unsigned status;
};

ResultForm form_of(AnswerStatus status) {
    switch (status) {
        case AnswerStatus::done: return {pb::SUBMIT_STATE_DONE, "done", 200};
        case AnswerStatus::refused: return {pb::SUBMIT_STATE_REFUSED, "refused", 200};
        case AnswerStatus::skipped: return {pb::SUBMIT_STATE_SKIPPED, "skipped", 409};
        case AnswerStatus::malformed: return {pb::SUBMIT_STATE_MALFORMED, "malformed", 400};
        case AnswerStatus::busy: return {pb::SUBMIT_STATE_BUSY, "busy", 429};
        case AnswerStatus::unavailable: return {pb::SUBMIT_STATE_UNAVAILABLE, "unavailable", 503};
    }
    return {pb::SUBMIT_STATE_UNSPECIFIED, "unavailable", 503};
}

Json json_result(const Answer& answer) {
    const auto form = form_of(answer.status);
    Json json;
    json["result"] = form.name;
    json["status"] = form.status;
    if (answer.id) json["id"] = to_hex(answer.id->view());
    if (!answer.code.empty()) json["code"] = answer.code;
    if (!answer.sentence.empty()) json["detail"] = answer.sentence;
    if (answer.logged) {
        json["first_outcome"] = !answer.first;
        json["entry"] = json_of(*answer.logged);
    }
    return json;
}

void fill_result(const Answer& answer, pb::SubmitResult& result) {
    result.set_state(form_of(answer.status).state);
    if (answer.id) result.set_id(answer.id->str());
    result.set_code(std::string{answer.code});
    if (!answer.logged) return;
    result.set_entry(std::string{answer.logged->bytes});
    result.set_log_index(answer.logged->log_index);
    result.set_first_outcome(!answer.first);
}

Response protobuf_response(const pb::SubmitResponse& message, AsOf as_of) {
    Response response;
    response.content_type = content::protobuf;
    response.body = message.SerializeAsString();
    response.as_of = as_of;
    return response;
}

AsOf newest(const NodeService& node) {
    const auto head = node.head();
    return {head.height, head.time_ms / 1000};
}

bool all_are(const std::vector<Answer>& answers, AnswerStatus status) {
    return std::ranges::all_of(answers,
                               [status](const Answer& answer) { return answer.status == status; });
}

/// Why nothing is taken now, in the node's words.
Response not_taken(const std::vector<Answer>& answers) {
    const auto code = answers.empty() ? std::string_view{} : answers.front().code;
    for (const auto known : {Code::no_progress, Code::observer, Code::segment_ended})
        if (code == code_name(known)) return problem(known, answers.front().sentence);
    return problem(Code::read_only, "Nothing was taken. What the node confirmed stands.");
}

Response answered(const NodeService& node, const std::vector<Answer>& answers, bool as_protobuf) {
    // A queue that took nothing: the client should wait, not read 4,096 results.
    if (all_are(answers, AnswerStatus::busy))
        return problem(Code::busy, "Nothing was taken. Send the same request again later.");
    if (all_are(answers, AnswerStatus::unavailable)) return not_taken(answers);
    const auto as_of = newest(node);
    if (as_protobuf) {
        pb::SubmitResponse message;
        message.mutable_results()->Reserve(static_cast<int>(answers.size()));
        for (const auto& answer : answers) fill_result(answer, *message.add_results());
        message.set_height(as_of.height);
        message.set_time(as_of.time);
        return protobuf_response(message, as_of);
    }
    Json json;
    json["as_of"] = as_of_json(node, as_of);
    json["results"] = Json::array();
    for (const auto& answer : answers) json["results"].push_back(json_result(answer));
    return json_response(json, Caching::never, as_of);
}

Response pending(const NodeService& node, const std::vector<std::string>& ids, bool as_protobuf) {
    const auto as_of = newest(node);
    if (as_protobuf) {
        pb::SubmitResponse message;
        for (const auto& id : ids) {
            auto& result = *message.add_results();
            result.set_state(pb::SUBMIT_STATE_PENDING);
            result.set_id(id);
        }
        message.set_height(as_of.height);
        message.set_time(as_of.time);
        return protobuf_response(message, as_of);
    }
    Json json;
    json["as_of"] = as_of_json(node, as_of);
    json["results"] = Json::array();
    for (const auto& id : ids) {
        Json result;
        result["result"] = "pending";
        result["status"] = 202;
        if (!id.empty()) result["id"] = hex(id);
        json["results"].push_back(std::move(result));
    }
    return json_response(json, Caching::never, as_of);
}

/// Which request brought which envelopes; of many, the first few name the batch.
void log_submitted(const std::string& request_id, const std::vector<std::string>& ids) {
    constexpr std::size_t named_max = 8;
    std::string named;
    for (std::size_t i = 0; i < std::min(ids.size(), named_max); ++i)
        named += (i == 0 ? "" : " ") + hex(ids[i]);
    log_event(LogLevel::debug, "submitted",
              {{"request_id", request_id},
               {"envelopes", std::to_string(ids.size())},
               {"envelope_ids", named}});
}

Late submit(NodeService& node, Request request, const Reply& reply) {
    const auto refuse = [&reply](Response response) {
        reply([response = std::move(response)] { return response; });
        return Late{};
    };
    Parameters parameters{request};
    const auto wait_seconds = parameters.number("wait", 0, 30, 10);
    if (auto fault = parameters.fault()) return refuse(std::move(*fault));

    const bool is_protobuf = request.content_type == content::protobuf;
    if (!is_protobuf && request.content_type != content::json)
        return refuse(problem(Code::unsupported_media_type,
                              "Send application/json or application/x-protobuf."));
    const bool as_protobuf = names(request.accept, content::protobuf) ||
                             (is_protobuf && !names(request.accept, content::json));

    auto submitted = is_protobuf ? from_protobuf(request.body) : from_json(request.body);
    if (submitted.fault) return refuse(std::move(*submitted.fault));
    if (submitted.envelopes.empty())
        return refuse(problem(Code::bad_request, "The request holds no envelope."));
    request.body = {};

    auto ids = std::make_shared<std::vector<std::string>>();
    ids->reserve(submitted.envelopes.size());
    for (const auto& envelope : submitted.envelopes) ids->push_back(id_of(envelope));

    log_submitted(request.id, *ids);
    node.submit(
        std::move(submitted.envelopes), [&node, reply, as_protobuf](std::vector<Answer> answers) {
            auto shared = std::make_shared<std::vector<Answer>>(std::move(answers));
            reply([&node, shared, as_protobuf] { return answered(node, *shared, as_protobuf); });
        });
    return {std::chrono::seconds{wait_seconds},
            [&node, ids, as_protobuf] { return pending(node, *ids, as_protobuf); }};
}

}  // namespace

void add_submit(std::vector<Route>& routes, NodeService& node) {
    routes.push_back({Method::post, "/v1/envelopes",
                      [&node](Request request, const Reply& reply) {
                          return submit(node, std::move(request), reply);
                      },
                      submit_bytes_max});
}

}  // namespace tallystick::node::api
