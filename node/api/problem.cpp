#include "node/api/problem.hpp"

#include "node/api/json.hpp"

namespace tallystick::node::api {

namespace {

struct CodeText {
    std::string_view name;
    unsigned status;
    std::string_view title;
};

CodeText text_of_code(Code code) noexcept {
    switch (code) {
        case Code::bad_request: return {"bad_request", 400, "The request cannot be read"};
        case Code::bad_parameter: return {"bad_parameter", 400, "A parameter has a wrong value"};
        case Code::unknown_parameter:
            return {"unknown_parameter", 400, "There is no such parameter"};
        case Code::too_deep: return {"too_deep", 400, "The JSON nests too deep"};
        case Code::unknown_route: return {"unknown_route", 404, "There is nothing at this address"};
        case Code::method_not_allowed:
            return {"method_not_allowed", 405, "This address does not take that method"};
        case Code::not_acceptable:
            return {"not_acceptable", 406, "The answer does not come in that format"};
        case Code::unsupported_media_type:
            return {"unsupported_media_type", 415, "The body's Content-Type is not taken here"};
        case Code::body_too_large: return {"body_too_large", 413, "The body is too large"};
        case Code::too_many_envelopes:
            return {"too_many_envelopes", 413, "Too many envelopes in one request"};
        case Code::headers_too_large:
            return {"headers_too_large", 431, "The request's headers are too large"};
        case Code::request_timeout:
            return {"request_timeout", 408, "The request did not arrive in time"};
        case Code::too_many_requests:
            return {"too_many_requests", 429, "Too many requests from this address"};
        case Code::busy: return {"busy", 429, "The node has as much waiting as it can hold"};
        case Code::too_many_connections:
            return {"too_many_connections", 503, "Too many connections"};
        case Code::upgrade_required: return {"upgrade_required", 426, "This is a WebSocket"};
        case Code::unknown_envelope:
            return {"unknown_envelope", 404, "The log has no entry with this id"};
        case Code::unknown_block: return {"unknown_block", 404, "There is no such block"};
        case Code::unknown_handover: return {"unknown_handover", 404, "There is no such handover"};
        case Code::unknown_account: return {"unknown_account", 404, "There is no such account"};
        case Code::unknown_contract: return {"unknown_contract", 404, "There is no such contract"};
        case Code::unknown_award: return {"unknown_award", 404, "There is no such award"};
        case Code::unknown_redemption:
            return {"unknown_redemption", 404, "There is no such redemption"};
        case Code::unknown_proposal: return {"unknown_proposal", 404, "There is no such proposal"};
        case Code::not_yet_provable:
            return {"not_yet_provable", 409, "This is not under a signed header yet"};
        case Code::log_sizes_out_of_range:
            return {"log_sizes_out_of_range", 400, "The log has no such sizes"};
        case Code::read_only: return {"read_only", 503, "The node takes nothing new at present"};
        case Code::no_progress:
            return {"no_progress", 503, "Too few of the authorities' nodes agree on blocks now"};
        case Code::observer: return {"observer", 503, "This node only reads: it is no authority's"};
        case Code::segment_ended:
            return {"segment_ended", 503, "This segment of the chain has ended"};
        case Code::stopping: return {"stopping", 503, "The node is stopping"};
        case Code::damaged_record:
            return {"damaged_record", 500, "A record of this node is damaged"};
        case Code::internal_error: return {"internal_error", 500, "The node made a mistake"};
    }
    return {"internal_error", 500, "The node made a mistake"};
}

}  // namespace

std::string_view code_name(Code code) noexcept {
    return text_of_code(code).name;
}

unsigned status_of(Code code) noexcept {
    return text_of_code(code).status;
}

Response problem(Code code, std::string_view detail) {
    const auto text = text_of_code(code);
    Json json;
    json["type"] = "urn:tallystick:problem:" + std::string{text.name};
    json["title"] = text.title;
    json["status"] = text.status;
    if (!detail.empty()) json["detail"] = detail;
    json["code"] = text.name;

    Response response;
    response.status = text.status;
    response.content_type = content::problem;
    response.body = to_text(json);
    if (text.status == 429 || text.status == 503 || code == Code::not_yet_provable)
        response.retry_after_seconds = 1;
    // Nodes come back within seconds or not soon: asking faster would help nobody.
    if (code == Code::no_progress) response.retry_after_seconds = 5;
    return response;
}

Response problem_of(ReadError error, Code missing, std::string_view detail) {
    switch (error) {
        case ReadError::not_found: return problem(missing, detail);
        case ReadError::not_provable_yet:
            return problem(Code::not_yet_provable,
                           "No signed header carries this yet. Ask again in a moment.");
        case ReadError::damaged:
            return problem(Code::damaged_record,
                           "A record does not fit the hashes that cover it, so it is not shown. "
                           "Ask another node; the operator runs `tallyd verify`.");
        case ReadError::unavailable:
            return problem(Code::stopping, "The node cannot read its store now. Try again later.");
    }
    return problem(Code::internal_error, "");
}

void name_request(Response& response, std::string_view request_id) {
    if (response.content_type != content::problem) return;
    auto json = Json::parse(response.body, nullptr, false);
    if (json.is_discarded()) return;
    json["request_id"] = request_id;
    response.body = to_text(json);
}

}  // namespace tallystick::node::api
